// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/negative.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct divide : elementwise_function
        {
            static constexpr auto name = "divide";
            static constexpr auto infix = "/";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& a, const V& b)
            {
                return a / b;
            }
            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::second : needs::second | needs::result;
            template <int Operand>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b)
            {
                if constexpr (Operand == 0)
                    return g / b;
                else
                    return -(g * y / b);
            }
        };
    }

    /// a / b with broadcasting. Derivatives: 1 / b, -y / b.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator/(A&& a, B&& b)
    {
        return elementwise<op::divide>(std::forward<A>(a), std::forward<B>(b));
    }
}
