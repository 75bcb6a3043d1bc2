// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct hardsigmoid : elementwise_function
        {
            static constexpr auto name = "hardsigmoid";
            static constexpr int flops = 4;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                const V shifted = x + V(3);
                return kernel::select(shifted < V(0), V(0), kernel::select(shifted > V(6), V(6), shifted)) / V(6);
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return xgrad::where(y > 0, xgrad::where(y < 1, g * (1 / 6.), 0), 0);
            }
        };
    }

    /// min(max(x + 3, 0), 6) / 6, elementwise (Courbariaux, Bengio and David 2015). Derivative: 1/6 where 0 < y < 1, else 0.
    constexpr auto hardsigmoid(tensor auto&& x) { return elementwise<op::hardsigmoid>(std::forward<decltype(x)>(x)); }
}
