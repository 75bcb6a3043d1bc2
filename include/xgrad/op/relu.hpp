// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct relu : elementwise_function
        {
            static constexpr auto name = "relu";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::at_least(x, V(0));
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return xgrad::where(y > 0, g, 0);
            }
        };
    }

    /// max(x, 0), elementwise. Derivative: 1 where y > 0, else 0.
    constexpr auto relu(tensor auto&& x) { return elementwise<op::relu>(std::forward<decltype(x)>(x)); }
}
