// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/compare.hpp>
#include <xgrad/op/divide.hpp>
#include <xgrad/op/negative.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct max : reduction<kernel::max_reduction>
        {
            static constexpr auto name = "max";
            template <int>
            static constexpr unsigned needs = needs::first | needs::result;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto y, auto x)
            {
                const auto axes = static_cast<axis_set>(with.value[0]);
                const shape kept = reduced(x.shape(), axes, true);
                const auto largest = detail::reshape_value(y, kept);
                const auto incoming = detail::reshape_value(g, kept);
                const auto one = as_operand<typename decltype(x)::value_type>(x.list, 1);
                const auto ties = named(detail::reduce_value<op::sum>(named(xgrad::where(x == largest, one, 0)), axes, true));
                return xgrad::where(x == largest, incoming / ties, 0);
            }
        };
    }

    /// The largest element of x over the given axes, all of them if none is given; a NaN wins.
    /// Derivative: 1 for the largest, shared equally among ties.
    template <int... Axes>
    constexpr auto max(tensor auto&& x)
    {
        return detail::reduce_static<op::max, false, Axes...>(std::forward<decltype(x)>(x));
    }
    template <int... Axes>
    constexpr auto max(tensor auto&& x, keep_axes_t)
    {
        return detail::reduce_static<op::max, true, Axes...>(std::forward<decltype(x)>(x));
    }

    /// The smallest element of x over the given axes, all of them if none is given: -max(-x).
    template <int... Axes>
    constexpr auto min(tensor auto&& x)
    {
        return -max<Axes...>(-std::forward<decltype(x)>(x));
    }
    template <int... Axes>
    constexpr auto min(tensor auto&& x, keep_axes_t)
    {
        return -max<Axes...>(-std::forward<decltype(x)>(x), keep_axes);
    }
}
