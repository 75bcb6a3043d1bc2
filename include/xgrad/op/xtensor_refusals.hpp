// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>

/// Sentences for what xtensor can do and a recorded tensor cannot.
namespace xt
{
    namespace xgrad_refusals
    {
        template <class>
        inline constexpr bool known = false;

        template <class Axes>
        constexpr auto axes(const auto& e)
        {
            static_assert(known<Axes>, "xgrad: xt::sum(x, axes) of a recorded tensor has no shape that is known; write "
                                       "sum<Axes...>(x), or xt::sum(x, xt::xshape<Axes...>())");
            return e;
        }
        template <class Slice>
        constexpr auto range(const auto& e)
        {
            static_assert(
                known<Slice>,
                "xgrad: xt::view(x, ...) of a recorded tensor takes xt::all(), xt::newaxis(), xt::ellipsis() and whole "
                "numbers; the length of a range is not known while compiling: write slice<Axis, Begin, End>(x)");
            return e;
        }
        template <class Shape>
        constexpr auto extents(const auto& e)
        {
            static_assert(known<Shape>, "xgrad: xt::broadcast(x, shape) of a recorded tensor has no shape that is known; write "
                                        "broadcast_to<extents<...>>(x), or xt::broadcast(x, xt::xshape<...>())");
            return e;
        }
        template <class E>
        constexpr auto rule(E&& e)
        {
            static_assert(known<E>, "xgrad: this function of xtensor has no gradient rule; take it of x.value(), or write the "
                                    "function and its rule, see elementwise_function");
            return xgrad::in_memory(std::forward<E>(e));
        }
    }

    template <xgrad::tensor E>
    constexpr auto sin(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto cos(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto tan(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto asin(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto acos(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto atan(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto sinh(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto cosh(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto floor(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto ceil(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto round(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto trunc(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto cbrt(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto exp2(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto expm1(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto log2(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto log10(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto log1p(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto cumsum(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto cumprod(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto prod(E&& e)
    {
        return xgrad_refusals::rule(std::forward<E>(e));
    }
}
