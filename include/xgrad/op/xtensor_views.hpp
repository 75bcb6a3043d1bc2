// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/max.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/slice.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/op/transpose.hpp>
#include <xgrad/op/xtensor_refusals.hpp>

#include <tuple>
#include <utility>

/// xtensor's views and reductions along axes, where their shape is known while compiling.
namespace xt
{
    struct xall_tag;
    struct xnewaxis_tag;
    struct xellipsis_tag;
    struct keep_dims_type;
    template <std::size_t...>
    class fixed_shape;

    namespace xgrad_views
    {
        template <class Keep>
        concept keeps_dims = std::is_same_v<Keep, std::tuple<keep_dims_type>>;

        constexpr xgrad::shape with_axis(xgrad::shape from, int axis)
        {
            xgrad::shape to;
            to.bounded = from.bounded;
            for (int k = 0; k <= from.rank; ++k)
                to.append(k == axis ? 1 : from.extent[k < axis ? k : k - 1]);
            return to;
        }

        template <int Axis>
        constexpr auto viewed(const auto& x)
        {
            return x;
        }
        template <int Axis, class Slice, class... Rest>
        constexpr auto viewed(const auto& x, const Slice& slice, const Rest&... rest)
        {
            constexpr xgrad::shape from = xgrad::shape_of_operand<decltype(x)>::value;
            if constexpr (std::is_same_v<Slice, xall_tag>)
                return viewed<Axis + 1>(x, rest...);
            else if constexpr (std::is_same_v<Slice, xellipsis_tag>)
                return viewed<from.rank - static_cast<int>((0 + ... + !std::is_same_v<Rest, xnewaxis_tag>))>(x, rest...);
            else if constexpr (std::is_same_v<Slice, xnewaxis_tag>)
            {
                static_assert(!(from.bounded && Axis == 0), "xgrad: the bounded axis of a batch must stay the leading one");
                return viewed<Axis + 1>(xgrad::detail::reshape_as(x, xgrad::shape_type<with_axis(from, Axis)>{}), rest...);
            }
            else if constexpr (std::is_integral_v<Slice>)
                return viewed<Axis>(xgrad::named(xgrad::select<Axis>(x, static_cast<std::ptrdiff_t>(slice))), rest...);
            else
                return xgrad_refusals::range<Slice>(x);
        }
    }

    /// A part of a recorded tensor: xt::view(x, t, xt::all()) for a loop's t.
    template <xgrad::tensor E, class... S>
    constexpr auto view(E&& e, S&&... slices)
    {
        return xgrad_views::viewed<0>(xgrad::in_memory(std::forward<E>(e)),
                                      static_cast<const std::remove_cvref_t<S>&>(slices)...);
    }
    template <xgrad::tensor E>
    constexpr auto row(E&& e, std::ptrdiff_t index)
    {
        return xgrad::named(xgrad::select<0>(xgrad::in_memory(std::forward<E>(e)), index));
    }
    template <xgrad::tensor E>
    constexpr auto col(E&& e, std::ptrdiff_t index)
    {
        return xgrad::named(xgrad::select<1>(xgrad::in_memory(std::forward<E>(e)), index));
    }

    /// All axes in reverse order.
    template <xgrad::tensor E>
    constexpr auto transpose(E&& e)
    {
        constexpr int rank = xgrad::shape_of_operand<E>::value.rank;
        if constexpr (rank == 2)
            return xgrad::transpose(std::forward<E>(e));
        else
            return [&]<int... Axes>(std::integer_sequence<int, Axes...>)
            { return xgrad::transpose<(rank - 1 - Axes)...>(std::forward<E>(e)); }(std::make_integer_sequence<int, rank>{});
    }

    namespace xgrad_views
    {
        template <class>
        struct extents_of
        {
        };
        template <std::size_t... Extents>
        struct extents_of<fixed_shape<Extents...>>
        {
            using type = xgrad::extents<static_cast<std::ptrdiff_t>(Extents)...>;
        };
    }

    template <xgrad::tensor E, class S>
    constexpr auto broadcast(E&& e, const S&)
    {
        if constexpr (requires { typename xgrad_views::extents_of<S>::type; })
            return xgrad::broadcast_to<typename xgrad_views::extents_of<S>::type>(std::forward<E>(e));
        else
            return xgrad_refusals::extents<S>(xgrad::in_memory(std::forward<E>(e)));
    }
    template <xgrad::tensor E, class I, std::size_t L>
    constexpr auto broadcast(E&& e, const I (&)[L])
    {
        return xgrad_refusals::extents<I>(xgrad::in_memory(std::forward<E>(e)));
    }

    // By value, and so more special than xtensor's.
    template <class Tree, class Shape, int Order, std::size_t... Axes>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>)
    {
        return xgrad::sum<static_cast<int>(Axes)...>(e);
    }
    template <class Tree, class Shape, int Order, std::size_t... Axes, xgrad_views::keeps_dims Keep>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>, const Keep&)
    {
        return xgrad::sum<static_cast<int>(Axes)...>(e, xgrad::keep_axes);
    }
    template <class Tree, class Shape, int Order, class Axes>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order> e, Axes&&)
    {
        return xgrad_refusals::axes<Axes>(e);
    }
    template <class Tree, class Shape, int Order, class I, std::size_t N>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order> e, const I (&)[N])
    {
        return xgrad_refusals::axes<I>(e);
    }

    template <class Tree, class Shape, int Order, std::size_t... Axes>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>)
    {
        return xgrad::mean<static_cast<int>(Axes)...>(e);
    }
    template <class Tree, class Shape, int Order, std::size_t... Axes, xgrad_views::keeps_dims Keep>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>, const Keep&)
    {
        return xgrad::mean<static_cast<int>(Axes)...>(e, xgrad::keep_axes);
    }
    template <class Tree, class Shape, int Order, class Axes>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order> e, Axes&&)
    {
        return xgrad_refusals::axes<Axes>(e);
    }
    template <class Tree, class Shape, int Order, class I, std::size_t N>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order> e, const I (&)[N])
    {
        return xgrad_refusals::axes<I>(e);
    }

    template <class Tree, class Shape, int Order, std::size_t... Axes>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>)
    {
        return xgrad::max<static_cast<int>(Axes)...>(e);
    }
    template <class Tree, class Shape, int Order, std::size_t... Axes, xgrad_views::keeps_dims Keep>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>, const Keep&)
    {
        return xgrad::max<static_cast<int>(Axes)...>(e, xgrad::keep_axes);
    }
    template <class Tree, class Shape, int Order, class Axes>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order> e, Axes&&)
    {
        return xgrad_refusals::axes<Axes>(e);
    }
    template <class Tree, class Shape, int Order, class I, std::size_t N>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order> e, const I (&)[N])
    {
        return xgrad_refusals::axes<I>(e);
    }

    template <class Tree, class Shape, int Order, std::size_t... Axes>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>)
    {
        return xgrad::min<static_cast<int>(Axes)...>(e);
    }
    template <class Tree, class Shape, int Order, std::size_t... Axes, xgrad_views::keeps_dims Keep>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order> e, fixed_shape<Axes...>, const Keep&)
    {
        return xgrad::min<static_cast<int>(Axes)...>(e, xgrad::keep_axes);
    }
    template <class Tree, class Shape, int Order, class Axes>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order> e, Axes&&)
    {
        return xgrad_refusals::axes<Axes>(e);
    }
    template <class Tree, class Shape, int Order, class I, std::size_t N>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order> e, const I (&)[N])
    {
        return xgrad_refusals::axes<I>(e);
    }
}
