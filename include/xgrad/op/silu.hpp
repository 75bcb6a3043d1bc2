// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/sigmoid.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct silu : elementwise_function
        {
            static constexpr auto name = "silu";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return x * kernel::sigmoid(x);
            }
            static constexpr int flops = 2;
            static constexpr auto slope(auto g, auto x, auto s) { return g * (s * (1 + x * (1 - s))); }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return slope(g, x, xgrad::sigmoid(x));
            }
        };
    }

    /// x * sigmoid(x), elementwise (swish). Derivative: s (1 + x (1 - s)) with s = sigmoid(x).
    constexpr auto silu(tensor auto&& x) { return elementwise<op::silu>(std::forward<decltype(x)>(x)); }
}
