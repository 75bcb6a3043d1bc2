// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/identity.hpp>

#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <int ScalarOrder, class X>
        constexpr auto arrived_gradient(recorder& list, const xgrad::list<int>& arrived, const X& x)
        {
            using type = typename X::value_type;
            constexpr int order = (X::order < ScalarOrder ? X::order : ScalarOrder) - 1;
            using result = node<type, typename X::shape_type, order>;
            const int id = x.tree.id < arrived.size() ? arrived[x.tree.id] : -1;
            if (id >= 0 && list[id].extents == x.shape())
                return result{{id}, &list, x.form};
            // what the scalar does not depend on has gradient 0, and a scalar has gradient 1 in itself
            using tree = apply<op::identity, constant<type>>;
            const int number = id >= 0 ? id : list.add_constant(0, element_of<type>);
            return named(expression<tree, typename X::shape_type, order>{{{{number}}}, &list, x.form});
        }
    }

    namespace detail
    {
        template <int Order, bool Allowed>
        constexpr auto gradients_in_list(recorder& list, int from, const auto& wanted)
        {
            xgrad::list<int> ids;
            std::apply([&](const auto&... value) { (ids.push(value.tree.id), ...); }, wanted);
            xgrad::list<int> arrived;
            if constexpr (Allowed)
                arrived = backward(list, from, ids);
            if constexpr (std::tuple_size_v<std::remove_cvref_t<decltype(wanted)>> == 1)
                return arrived_gradient<Order>(list, arrived, std::get<0>(wanted));
            else
                return std::apply([&](const auto&... value)
                                  { return std::make_tuple(arrived_gradient<Order>(list, arrived, value)...); }, wanted);
        }

        template <int ScalarOrder, class... X>
        auto gradients_on_tape(const auto& from, const X&... x)
        {
            using type = typename std::remove_cvref_t<decltype(from)>::value_type;
            const int ids[]{x.tree.id...};
            tape_value* found[sizeof...(X)]{};
            from.list->runs->gradients(from.tree.id, ids, static_cast<int>(sizeof...(X)),
                                       &operation_of<apply<op::identity, leaf<type>>, 1>, found);
            const auto one = [&]<class Y>(const Y& y, tape_value* value)
            {
                constexpr int order = (Y::order < ScalarOrder ? Y::order : ScalarOrder) - 1;
                return expression<held<typename Y::value_type>, typename Y::shape_type, order>{
                    held<typename Y::value_type>(value), from.list, y.form};
            };
            return [&]<std::size_t... I>(std::index_sequence<I...>)
            { return std::tuple{one(x, found[I])...}; }(std::index_sequence_for<X...>{});
        }

        template <class Shape>
        consteval bool require_scalar()
        {
            static_assert(std::is_same_v<Shape, extents<>>,
                          "xgrad::gradient(y, x...): y must be a scalar; take the sum(...) or mean(...) of it");
            return std::is_same_v<Shape, extents<>>;
        }
    }

    /// The gradient of a scalar in each of the given tensors, as tensors of their shapes that expressions can use, and
    /// that can be differentiated again as often as the function was compiled for. One tensor gives one, several a tuple.
    template <tensor Scalar, tensor... X>
    constexpr auto gradient(Scalar&& scalar, X&&... x)
    {
        constexpr bool is_scalar = detail::require_scalar<shape_of_operand<Scalar>>();
        constexpr bool can = ((expression_type<Scalar>::order > 0) && ... && (expression_type<X>::order > 0));
        static_assert(can, "xgrad::gradient(y, x...): y cannot be differentiated (once more): compile the function with "
                           "with_derivatives<N>(function), N being how often gradient is taken");
        const auto from = in_memory(std::forward<Scalar>(scalar));
        constexpr int order = expression_type<Scalar>::order;
        recorder& list = *from.list;
        const auto wanted = std::make_tuple(in_memory(std::forward<X>(x))...);
        if constexpr (detail::on_tape<decltype(from)> && is_scalar && can)
        {
            auto found =
                std::apply([&](const auto&... value) { return detail::gradients_on_tape<order>(from, value...); }, wanted);
            if constexpr (sizeof...(X) == 1)
                return std::get<0>(std::move(found));
            else
                return found;
        }
        else
            return detail::gradients_in_list < order, is_scalar && can > (list, from.tree.id, wanted);
    }

    /// A function object that may take gradients up to Count deep inside.
    template <int Count, class Function>
    struct derivatives_of : Function
    {
        static constexpr int derivatives = Count;
        using Function::operator();
    };

    /// Says that a function given to `compile` or `training_step` takes gradients itself, up to Count deep.
    template <int Count, class Function>
    constexpr derivatives_of<Count, Function> with_derivatives(Function f)
    {
        return {f};
    }
}
