// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/tanh.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct gelu_tanh : elementwise_function
        {
            static constexpr auto name = "gelu_tanh";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                const V inner = V(0.7978845608028654) * (x + V(0.044715) * x * x * x);
                return V(0.5) * x * (V(1) + kernel::tanh(inner));
            }
            static constexpr int flops = 8;
            static constexpr auto slope(auto x, auto t)
            {
                return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * (0.7978845608028654 * (1 + 0.134145 * x * x));
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * slope(x, xgrad::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
            }
        };
    }

    /// The tanh approximation of gelu: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), elementwise.
    /// Derivative: (1 + t)/2 + x/2 (1 - t^2) sqrt(2/pi) (1 + 0.134145 x^2), t being the tanh.
    constexpr auto gelu_tanh(tensor auto&& x) { return elementwise<op::gelu_tanh>(std::forward<decltype(x)>(x)); }
}
