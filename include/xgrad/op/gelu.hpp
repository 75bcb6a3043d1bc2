// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/erf.hpp>
#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct gelu : elementwise_function
        {
            static constexpr auto name = "gelu";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return V(0.5) * x * (V(1) + kernel::erf(x * V(0.70710678118654752)));
            }
            static constexpr int flops = 5;
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g *
                       (0.5 * (1 + xgrad::erf(x * 0.70710678118654752)) + x * (0.3989422804014327 * xgrad::exp(x * x * -0.5)));
            }
        };
    }

    /// x * P(N(0, 1) < x) = x/2 (1 + erf(x / sqrt(2))), elementwise (Hendrycks and Gimpel 2016).
    /// Derivative: (1 + erf(x / sqrt(2))) / 2 + x exp(-x^2 / 2) / sqrt(2 pi).
    constexpr auto gelu(tensor auto&& x) { return elementwise<op::gelu>(std::forward<decltype(x)>(x)); }
}
