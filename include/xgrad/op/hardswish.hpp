// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct hardswish : elementwise_function
        {
            static constexpr auto name = "hardswish";
            static constexpr int flops = 5;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                const V shifted = x + V(3);
                return x * kernel::select(shifted < V(0), V(0), kernel::select(shifted > V(6), V(6), shifted)) / V(6);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return xgrad::where(x < -3, 0, xgrad::where(x <= 3, g * (x * (1 / 3.) + 0.5), g));
            }
        };
    }

    /// x min(max(x + 3, 0), 6) / 6, elementwise (Howard et al. 2019). Derivative: 0 below -3, x/3 + 1/2 to 3, 1 above.
    constexpr auto hardswish(tensor auto&& x) { return elementwise<op::hardswish>(std::forward<decltype(x)>(x)); }
}
