// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sign.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct abs : elementwise_function
        {
            static constexpr auto name = "abs";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::abs(x);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * xgrad::sign(x);
            }
        };
    }

    /// |x|, elementwise. Derivative: sign(x), 0 at 0.
    constexpr auto abs(tensor auto&& x) { return elementwise<op::abs>(std::forward<decltype(x)>(x)); }
}
