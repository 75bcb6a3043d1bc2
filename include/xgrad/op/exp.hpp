// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct exp : elementwise_function
        {
            static constexpr auto name = "exp";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::exp(x);
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * y;
            }
        };
    }

    /// exp(x), elementwise. Derivative: y.
    constexpr auto exp(tensor auto&& x) { return elementwise<op::exp>(std::forward<decltype(x)>(x)); }
}
