// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <element_type T, int Order>
        constexpr void reshape_gradient(gradient_pass& pass, int id);

        /// A value's memory under another shape: nothing is computed.
        template <element_type T, int Order>
        inline constexpr operation reshape_operation{nullptr,
                                                     Order > 0 && is_floating(element_of<T>) ? &reshape_gradient<T, Order>
                                                                                             : nullptr,
                                                     nullptr,
                                                     nullptr,
                                                     "reshape(%0)",
                                                     false,
                                                     &reshape_operation<T, 0>};
        template <element_type T>
        inline constexpr operation reshape_operation<T, 0>{nullptr, nullptr, nullptr, nullptr, "reshape(%0)", false};

        template <class Shape, class Tree, class From, int Order>
        constexpr expression<leaf_for<Tree>, Shape, Order> reshape_as(const expression<Tree, From, Order>& x, const Shape& to)
        {
            const auto value = named(x);
            if (value.shape() == to.value)
                return {value.tree, value.list, to};
            using type = typename Tree::value_type;
            if constexpr (is_held_tree<Tree>)
            {
                const shape extents = value.list->runs->extents_of(to.value, &value.tree.id, 1);
                return {held<type>(value.list->runs->held_alias(&reshape_operation<type, Order>, value.tree.id, extents)),
                        value.list, form_of(to, extents)};
            }
            else
                return {{value.list->add_alias(&reshape_operation<type, Order>, value.tree.id, to.value, 0)}, value.list, to};
        }

        // inside gradient rules
        template <class Tree, class From, int Order>
        constexpr auto reshape_value(const expression<Tree, From, Order>& x, const shape& to)
        {
            return reshape_as(x, dynamic{to});
        }

        template <element_type T, int Order>
        constexpr void reshape_gradient(gradient_pass& pass, int id)
        {
            if constexpr (Order > 0 && std::is_floating_point_v<T>)
            {
                const int of = pass.records.operands_of(id)[0];
                const auto g = internal<Order - 1>(&pass.records, leaf<T>{pass.arrived[id]}, pass.records[id].extents);
                arrive<Order - 1>(pass, leaf<T>{of}, reshape_value(g, pass.records[of].extents));
            }
        }

        template <std::ptrdiff_t ElementsBefore, std::ptrdiff_t ElementsAfter>
        consteval void require_as_many_elements()
        {
            static_assert(ElementsBefore == ElementsAfter,
                          "xgrad::reshape<Extents...>(x): the elements before and after must be equally many (of a bounded "
                          "batch, give the extents of one item)");
        }

        template <shape From, std::ptrdiff_t... Extents>
        consteval shape reshaped()
        {
            shape to;
            to.bounded = From.bounded;
            std::ptrdiff_t items = From.size(), known = 1;
            if (From.bounded)
            {
                items /= From.extent[0];
                to.append(From.extent[0]);
            }
            ((known *= Extents == -1 ? 1 : Extents), ...);
            (to.append(Extents == -1 ? (known ? items / known : 0) : Extents), ...);
            return to;
        }
    }

    /// x under another shape with the same elements in the same order; nothing is copied. One extent may be -1, to be
    /// inferred. The leading extent of a bounded batch stays: `reshape<28, 28>(x)` makes [<=64, 784] to [<=64, 28, 28].
    template <std::ptrdiff_t... Extents>
    constexpr auto reshape(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        constexpr shape to = detail::reshaped<from, Extents...>();
        constexpr std::ptrdiff_t items = from.bounded ? from[0] : 1;
        detail::require_as_many_elements<from.size() / items, to.size() / items>();
        return detail::reshape_as(to_expression(std::forward<decltype(x)>(x)), shape_type<to>{});
    }

    /// x with all axes but the first as one: [batch, ..] to [batch, elements]; nothing is copied.
    constexpr auto flatten(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        static_assert(from.rank > 0, "xgrad::flatten(x): x must have at least one axis");
        constexpr shape to = [=]
        {
            shape s;
            s.append(from.extent[0]);
            s.append(from.size() / (from.extent[0] ? from.extent[0] : 1));
            s.bounded = from.bounded;
            return s;
        }();
        return detail::reshape_as(to_expression(std::forward<decltype(x)>(x)), shape_type<to>{});
    }
}
