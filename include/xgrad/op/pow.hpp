// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/log.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/subtract.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct pow : elementwise_function
        {
            static constexpr auto name = "pow";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& a, const V& b)
            {
                return kernel::pow(a, b);
            }
            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::first | needs::second : needs::first | needs::result;
            template <int Operand>
            static constexpr auto gradient(auto g, auto y, auto a, auto b);
        };
    }

    /// a^b with broadcasting. Derivatives: b a^(b-1), y log(a) (0 where a is not positive).
    template <class A, class B>
        requires operands<A, B>
    constexpr auto pow(A&& a, B&& b)
    {
        return elementwise<op::pow>(std::forward<A>(a), std::forward<B>(b));
    }

    template <int Operand>
    constexpr auto op::pow::gradient(auto g, [[maybe_unused]] auto y, auto a, auto b)
    {
        if constexpr (Operand == 0)
            return g * xgrad::where(b == 0, 0, b * xgrad::pow(a, b - 1)); // 0^0 has slope 0, not 0 / 0
        else
            return g * xgrad::where(a > 0, y * xgrad::log(xgrad::where(a > 0, a, 1)), 0);
    }
}
