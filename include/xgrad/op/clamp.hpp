// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct clamp : elementwise_function
        {
            static constexpr auto name = "clamp";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x, const V& low, const V& high)
            {
                return kernel::clamp(x, low, high);
            }
            template <int>
            static constexpr unsigned needs = needs::first | needs::second | needs::third;
            template <int>
            static constexpr auto gradient(auto g, auto, auto x, auto low, auto high)
            {
                return xgrad::where(x < low, 0, xgrad::where(x > high, 0, g));
            }
        };
    }

    /// x limited to [low, high], two numbers, elementwise. Derivative: 1 inside, ends included, else 0.
    template <tensor X, class Low, class High>
        requires std::is_arithmetic_v<Low> && std::is_arithmetic_v<High>
    constexpr auto clamp(X&& x, Low low, High high)
    {
        return elementwise<op::clamp>(std::forward<X>(x), low, high);
    }
}
