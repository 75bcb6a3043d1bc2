// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/exp.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/negative.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct erf : elementwise_function
        {
            static constexpr auto name = "erf";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::erf(x);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * (1.1283791670955126 * xgrad::exp(-(x * x)));
            }
        };
    }

    /// The error function 2/sqrt(pi) * integral of exp(-t^2) from 0 to x, elementwise. Derivative: 2/sqrt(pi) exp(-x^2).
    constexpr auto erf(tensor auto&& x) { return elementwise<op::erf>(std::forward<decltype(x)>(x)); }
}
