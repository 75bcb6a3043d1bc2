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
        struct relu6 : elementwise_function
        {
            static constexpr auto name = "relu6";
            static constexpr int flops = 1;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::clamp(x, V(0), V(6));
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return xgrad::where(y > 0, xgrad::where(y < 6, g, 0), 0);
            }
        };
    }

    /// min(max(x, 0), 6), elementwise. Derivative: 1 where 0 < y < 6, else 0.
    constexpr auto relu6(tensor auto&& x) { return elementwise<op::relu6>(std::forward<decltype(x)>(x)); }
}
