// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct add : elementwise_function
        {
            static constexpr auto name = "add";
            static constexpr auto infix = "+";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& a, const V& b)
            {
                return a + b;
            }
            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::nothing : needs::nothing;
            template <int Operand>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b)
            {
                if constexpr (Operand == 0)
                    return g;
                else
                    return g;
            }
        };
    }

    /// a + b with broadcasting. Derivatives: 1, 1.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator+(A&& a, B&& b)
    {
        return elementwise<op::add>(std::forward<A>(a), std::forward<B>(b));
    }
}
