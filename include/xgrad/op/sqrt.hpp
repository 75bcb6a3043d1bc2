// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/divide.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct sqrt : elementwise_function
        {
            static constexpr auto name = "sqrt";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::sqrt(x);
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * 0.5 / y;
            }
        };
    }

    /// The square root, elementwise. Derivative: 1 / (2 y).
    constexpr auto sqrt(tensor auto&& x) { return elementwise<op::sqrt>(std::forward<decltype(x)>(x)); }
}
