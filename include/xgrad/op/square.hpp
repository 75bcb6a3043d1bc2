// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct square : elementwise_function
        {
            static constexpr auto name = "square";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return x * x;
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * (2 * x);
            }
        };
    }

    /// x^2, elementwise. Derivative: 2 x.
    constexpr auto square(tensor auto&& x) { return elementwise<op::square>(std::forward<decltype(x)>(x)); }
}
