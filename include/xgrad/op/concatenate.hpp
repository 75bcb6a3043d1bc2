// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/slice.hpp>

#include <array>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // Any number of operands, so not a tree: a statement of its own kind. Attribute 0 is the axis.
        template <element_type T>
        constexpr void concatenate_forward(const kernel::call& c)
        {
            T* to = c.out.data.template as<T>();
            const int axis = static_cast<int>(c.with.value[0]);
            std::ptrdiff_t outer = 1, inner = 1;
            for (int k = 0; k < c.out.extents.rank; ++k)
                (k < axis ? outer : inner) *= k == axis ? 1 : c.out.extents.extent[k];
            for (std::ptrdiff_t i = 0; i < outer; ++i)
                for (int operand = 0; operand < c.count; ++operand)
                {
                    const std::ptrdiff_t block = c.in[operand].extents.size() / outer;
                    const T* from = c.in[operand].data.template as<T>() + i * block;
                    for (std::ptrdiff_t k = 0; k < block; ++k)
                        *to++ = from[k];
                }
        }

        template <element_type T, int Order>
        constexpr void concatenate_gradient(gradient_pass& pass, int id)
        {
            if constexpr (Order > 0 && std::is_floating_point_v<T>)
            {
                const record line = pass.records[id];
                const int axis = static_cast<int>(line.with.value[0]);
                const auto g = internal<Order - 1>(&pass.records, leaf<T>{pass.arrived[id]}, line.extents);
                std::ptrdiff_t at = 0;
                for (int k = 0; k < line.operand_count; ++k)
                {
                    const int operand = pass.records.operands_of(id)[k];
                    const shape extents = pass.records[operand].extents;
                    // a stacked operand lacks the axis
                    const std::ptrdiff_t count = extents.rank < line.extents.rank ? 1 : extents.extent[axis];
                    if (pass.needed[operand])
                        arrive<Order - 1>(pass, leaf<T>{operand}, slice_of(g, axis, at, count, dynamic{extents}));
                    at += count;
                }
            }
        }

        template <element_type T, int Order>
        inline constexpr operation concatenate_operation{
            &concatenate_forward<T>,
            Order > 0 && is_floating(element_of<T>) ? &concatenate_gradient<T, Order> : nullptr,
            nullptr,
            nullptr,
            "concatenate(%*)",
            false,
            &concatenate_operation<T, 0>};
        template <element_type T>
        inline constexpr operation concatenate_operation<T, 0>{&concatenate_forward<T>, nullptr, nullptr, nullptr,
                                                               "concatenate(%*)",       false};

        template <class To, class Leaf, class Shape, int Order, std::size_t Count>
        constexpr auto concatenated(const std::array<expression<Leaf, Shape, Order>, Count>& parts, int axis)
        {
            static_assert(Count > 0, "xgrad: nothing to concatenate");
            using type = typename Leaf::value_type;
            int ids[Count]{};
            for (std::size_t k = 0; k < Count; ++k)
                ids[k] = parts[k].tree.id;
            return recorded<type, Order, is_held_tree<Leaf>>(parts[0].list, &concatenate_operation<type, Order>, To{}, ids,
                                                             static_cast<int>(Count), kernel::attributes{{axis, 0}});
        }

        // on a tape, all parts of one statement refer to their values
        template <class Leaf, int Order>
        constexpr auto untyped(const auto& part)
        {
            if constexpr (is_held_tree<Leaf> && !on_tape<decltype(part)>)
                return expression<Leaf, dynamic, Order>{Leaf(part.list->runs->hold(part.tree.id)), part.list, {part.shape()}};
            else
                return expression<Leaf, dynamic, Order>{part.tree, part.list, {part.shape()}};
        }

        template <int Axis, shape... Parts>
        consteval bool concatenable()
        {
            constexpr shape all[]{Parts...};
            const int axis = normal_axis(Axis, all[0].rank);
            bool fits = axis >= 0 && axis < all[0].rank && !(all[0].bounded && axis == 0);
            for (const shape& s : all)
            {
                fits = fits && s.rank == all[0].rank && s.bounded == all[0].bounded;
                for (int k = 0; fits && k < s.rank; ++k)
                    fits = k == axis || s.extent[k] == all[0].extent[k];
            }
            return fits;
        }

        template <int Axis, shape... Parts>
        consteval shape concatenated_shape()
        {
            constexpr shape all[]{Parts...};
            shape to = all[0];
            const int axis = normal_axis(Axis, to.rank);
            to.extent[axis] = 0;
            for (const shape& s : all)
                to.extent[axis] += s.extent[axis];
            return to;
        }
    }

    /// Tensors joined along an axis; all other extents must be equal. Derivative: each its slice.
    template <int Axis, tensor First, tensor... Rest>
    constexpr auto concatenate(First&& first, Rest&&... rest)
    {
        static_assert(detail::concatenable<Axis, shape_of_operand<First>::value, shape_of_operand<Rest>::value...>(),
                      "xgrad::concatenate<Axis>(parts...): all extents but that of the axis must be equal");
        using to =
            shape_type<detail::concatenated_shape<Axis, shape_of_operand<First>::value, shape_of_operand<Rest>::value...>()>;
        using type = element_of_operand<First>;
        constexpr int order = expression_type<First>::order;
        using part = std::conditional_t<(detail::on_tape<First> || ... || detail::on_tape<Rest>), held<type>, leaf<type>>;
        const std::array<expression<part, dynamic, order>, 1 + sizeof...(Rest)> parts{
            detail::untyped<part, order>(in_memory(std::forward<First>(first))),
            detail::untyped<part, order>(in_memory(std::forward<Rest>(rest)))...};
        return detail::concatenated<to>(parts, normal_axis(Axis, to::value.rank));
    }

    /// Equal tensors joined along a new axis: the outputs of a loop, kept in an array. Derivative: each its slice.
    template <int Axis = 0, class Leaf, class Shape, int Order, std::size_t Count>
        requires tree_traits<Leaf>::is_leaf
    constexpr auto stack(const std::array<expression<Leaf, Shape, Order>, Count>& parts)
    {
        constexpr int axis = normal_axis(Axis, Shape::value.rank + 1);
        static_assert(axis >= 0 && axis <= Shape::value.rank, "xgrad::stack<Axis>(parts): the result does not have this axis");
        static_assert(!(Shape::value.bounded && axis == 0),
                      "xgrad::stack<Axis>(parts): the bounded axis of a batch must stay the leading one");
        constexpr shape to = []
        {
            shape s;
            s.bounded = Shape::value.bounded;
            for (int k = 0; k <= Shape::value.rank; ++k)
                s.append(k == axis ? static_cast<std::ptrdiff_t>(Count) : Shape::value.extent[k < axis ? k : k - 1]);
            return s;
        }();
        return detail::concatenated<shape_type<to>>(parts, axis);
    }
}
