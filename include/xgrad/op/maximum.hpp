// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct maximum : elementwise_function
        {
            static constexpr auto name = "maximum";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& a, const V& b)
            {
                return kernel::maximum(a, b);
            }
            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::first | needs::second : needs::first | needs::second;
            template <int Operand>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b)
            {
                if constexpr (Operand == 0)
                    return xgrad::where(a > b, g, xgrad::where(a == b, g * 0.5, 0));
                else
                    return xgrad::where(b > a, g, xgrad::where(a == b, g * 0.5, 0));
            }
        };
    }

    /// The larger of a and b with broadcasting; a NaN wins. Derivatives: 1 for the larger, 1/2 each where equal.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto maximum(A&& a, B&& b)
    {
        return elementwise<op::maximum>(std::forward<A>(a), std::forward<B>(b));
    }
}
