// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct equal : comparison
        {
            static constexpr auto name = "equal";
            static constexpr auto infix = "==";
            static constexpr auto forward(const auto& a, const auto& b) { return a == b; }
        };
        struct not_equal : comparison
        {
            static constexpr auto name = "not_equal";
            static constexpr auto infix = "!=";
            static constexpr auto forward(const auto& a, const auto& b) { return !(a == b); }
        };
        struct less : comparison
        {
            static constexpr auto name = "less";
            static constexpr auto infix = "<";
            static constexpr auto forward(const auto& a, const auto& b) { return a < b; }
        };
        struct less_equal : comparison
        {
            static constexpr auto name = "less_equal";
            static constexpr auto infix = "<=";
            static constexpr auto forward(const auto& a, const auto& b) { return a <= b; }
        };
        struct greater : comparison
        {
            static constexpr auto name = "greater";
            static constexpr auto infix = ">";
            static constexpr auto forward(const auto& a, const auto& b) { return a > b; }
        };
        struct greater_equal : comparison
        {
            static constexpr auto name = "greater_equal";
            static constexpr auto infix = ">=";
            static constexpr auto forward(const auto& a, const auto& b) { return a >= b; }
        };
    }

    /// a == b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator==(A&& a, B&& b)
    {
        return elementwise<op::equal>(std::forward<A>(a), std::forward<B>(b));
    }

    /// a != b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator!=(A&& a, B&& b)
    {
        return elementwise<op::not_equal>(std::forward<A>(a), std::forward<B>(b));
    }

    /// a < b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator<(A&& a, B&& b)
    {
        return elementwise<op::less>(std::forward<A>(a), std::forward<B>(b));
    }

    /// a <= b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator<=(A&& a, B&& b)
    {
        return elementwise<op::less_equal>(std::forward<A>(a), std::forward<B>(b));
    }

    /// a > b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator>(A&& a, B&& b)
    {
        return elementwise<op::greater>(std::forward<A>(a), std::forward<B>(b));
    }

    /// a >= b with broadcasting, a tensor of bool. No gradient.
    template <class A, class B>
        requires operands<A, B>
    constexpr auto operator>=(A&& a, B&& b)
    {
        return elementwise<op::greater_equal>(std::forward<A>(a), std::forward<B>(b));
    }
}
