// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct negative : elementwise_function
        {
            static constexpr auto name = "negative";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::negate(x);
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return -g;
            }
        };
    }

    /// -x, elementwise. Derivative: -1.
    constexpr auto operator-(tensor auto&& x) { return elementwise<op::negative>(std::forward<decltype(x)>(x)); }
}
