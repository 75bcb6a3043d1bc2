// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct where : elementwise_function
        {
            static constexpr auto name = "where";
            static constexpr bool takes_bool = true;
            static constexpr auto forward(const auto& condition, const auto& a, const auto& b)
            {
                return kernel::select(condition, a, b);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int Operand>
            static constexpr auto gradient(auto g, auto, auto condition, auto, auto);
        };
    }

    /// a where the condition holds, else b, with broadcasting. Derivatives: 1 where chosen, else 0.
    template <class Condition, class A, class B>
        requires operands<Condition, A, B>
    constexpr auto where(Condition&& condition, A&& a, B&& b)
    {
        using type = typename decltype(common_element<A, B>())::type;
        static_assert(std::is_same_v<element_of_operand<Condition>, bool>,
                      "xgrad::where(condition, a, b): the condition must be a tensor of bool, such as x > 0");
        static_assert(!std::is_same_v<type, bool>,
                      "xgrad::where(condition, a, b): a or b must be a tensor of numbers; cast<float>(condition) makes 1 and "
                      "0 of a condition");
        if constexpr (std::is_same_v<element_of_operand<Condition>, bool> && !std::is_same_v<type, bool>)
            return elementwise<op::where>(std::forward<Condition>(condition), std::forward<A>(a), std::forward<B>(b));
        else
            return detail::refused<type, 1>(list_of(condition, a, b), detail::common_shape_of(condition, a, b));
    }

    template <int Operand>
    constexpr auto op::where::gradient(auto g, auto, auto condition, auto, auto)
    {
        if constexpr (Operand == 1)
            return xgrad::where(condition, g, 0);
        else
            return xgrad::where(condition, 0, g);
    }
}
