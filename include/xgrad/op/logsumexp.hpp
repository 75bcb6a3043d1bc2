// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/abs.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/exp.hpp>
#include <xgrad/op/log.hpp>
#include <xgrad/op/max.hpp>
#include <xgrad/op/subtract.hpp>

#include <limits>

namespace xgrad::inline XGRAD_ABI
{
    /// log(sum(exp(x))) over the given axes, all of them if none is given, without overflow, the axes kept.
    /// Derivative: softmax of x over the axes.
    template <int... Axes>
    constexpr auto logsumexp(tensor auto&& x, keep_axes_t)
    {
        const auto value = in_memory(std::forward<decltype(x)>(x));
        constexpr auto huge = std::numeric_limits<element_of_operand<decltype(value)>>::max();
        const auto largest = named(stop_gradient(max<Axes...>(value, keep_axes)));
        const auto shift = named(where(abs(largest) <= huge, largest, 0));
        return log(sum<Axes...>(exp(value - shift), keep_axes)) + shift;
    }

    /// log(sum(exp(x))) over the given axes, all of them if none is given, without overflow.
    template <int... Axes>
    constexpr auto logsumexp(tensor auto&& x)
    {
        using from = shape_of_operand<decltype(x)>;
        constexpr shape to = reduced(from::value, detail::axes_of<Axes...>(from::value.rank), false);
        return detail::reshape_as(logsumexp<Axes...>(std::forward<decltype(x)>(x), keep_axes), shape_type<to>{});
    }
}
