// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/exp.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/subtract.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// The derivative of gelu.
        struct gelu_slope : elementwise_function
        {
            static constexpr auto name = "gelu_slope";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                const auto [bell, below] = kernel::normal(x);
                return below + x * (bell * V(0.3989422804014327));
            }
            static constexpr int flops = 5;
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * (0.3989422804014327 * xgrad::exp(x * x * -0.5)) * (2 - x * x);
            }
        };

        struct gelu : elementwise_function
        {
            static constexpr auto name = "gelu";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return x * kernel::normal(x).below;
            }
            static constexpr int flops = 5;
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * elementwise<gelu_slope>(x);
            }
        };
    }

    /// x * P(N(0, 1) < x) = x/2 (1 + erf(x / sqrt(2))), elementwise (Hendrycks and Gimpel 2016).
    /// Derivative: (1 + erf(x / sqrt(2))) / 2 + x exp(-x^2 / 2) / sqrt(2 pi).
    constexpr auto gelu(tensor auto&& x) { return elementwise<op::gelu>(std::forward<decltype(x)>(x)); }
}
