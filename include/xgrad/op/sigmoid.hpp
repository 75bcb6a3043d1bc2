// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/subtract.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct sigmoid : elementwise_function
        {
            static constexpr auto name = "sigmoid";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::sigmoid(x);
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * (y * (1 - y));
            }
        };
    }

    /// 1 / (1 + exp(-x)), elementwise. Derivative: y (1 - y).
    constexpr auto sigmoid(tensor auto&& x) { return elementwise<op::sigmoid>(std::forward<decltype(x)>(x)); }
}
