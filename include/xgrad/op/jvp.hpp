// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/gradient.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sum.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// How y changes when x moves along v: the Jacobian of y in x times v, of y's shape. From the same rules as the gradient:
    /// x' = sum(y u) differentiated in x is linear in u, and sum(x' v) differentiated in u is what is asked for. y must be
    /// recorded with two derivatives more than the result: `with_derivatives<2>(function)`, `basic_tape<2>`.
    template <tensor Y, tensor X, tensor V>
    constexpr auto jvp(Y&& y, X&& x, V&& v)
    {
        static_assert(expression_type<Y>::order >= 2 && expression_type<X>::order >= 2,
                      "xgrad::jvp(y, x, v): y cannot be differentiated twice: compile the function with "
                      "with_derivatives<2>(function), or use a tape of two derivatives, basic_tape<2>");
        static_assert(std::is_same_v<shape_of_operand<X>, shape_of_operand<V>>,
                      "xgrad::jvp(y, x, v): v must have the shape of x");
        const auto value = in_memory(std::forward<Y>(y));
        const auto u = named(stop_gradient(value) * 0);
        const auto slope = gradient(sum(value * u), std::forward<X>(x));
        return gradient(sum(slope * std::forward<V>(v)), u);
    }
}
