// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct prelu : elementwise_function
        {
            static constexpr auto name = "prelu";
            static constexpr int flops = 1;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x, const V& slope)
            {
                return kernel::select(x > V(0), x, kernel::select(x <= V(0), x * slope, x)); // a NaN stays one
            }
            template <int>
            static constexpr unsigned needs = needs::first | needs::second;
            template <int Operand>
            static constexpr auto gradient(auto g, auto, auto x, [[maybe_unused]] auto slope)
            {
                if constexpr (Operand == 0)
                    return xgrad::where(x > 0, g, g * slope);
                else
                    return xgrad::where(x > 0, 0, g * x);
            }
        };
    }

    /// x where x > 0, else slope x, elementwise (He et al. 2015); slope is [1], or [channels] of x [batch, channels, ..].
    /// Derivatives: 1 where x > 0, else slope; 0 where x > 0, else x.
    constexpr auto prelu(tensor auto&& x, tensor auto&& slope)
    {
        constexpr shape of_x = shape_of_operand<decltype(x)>::value, of_slope = shape_of_operand<decltype(slope)>::value;
        constexpr bool fits = of_slope.rank == 1 && (of_slope[0] == 1 || (of_x.rank > 1 && of_slope[0] == of_x[1]));
        static_assert(fits, "xgrad::prelu(x, slope): slope has one number, or one for each channel (the second extent of x)");
        if constexpr (!fits)
            return detail::refused<element_of_operand<decltype(x)>, 1>(list_of(x), shape_of_operand<decltype(x)>{});
        else
            return [&]<int... Inner>(std::integer_sequence<int, Inner...>)
            {
                return elementwise<op::prelu>(std::forward<decltype(x)>(x),
                                              reshape<of_slope[0], (Inner * 0 + 1)...>(std::forward<decltype(slope)>(slope)));
            }(std::make_integer_sequence<int, (of_x.rank > 2 ? of_x.rank - 2 : 0)>{});
    }
}
