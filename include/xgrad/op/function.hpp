// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/kernel/math.hpp>

/// Operations: in each file one struct with name, kernel and gradient rule, and the function that users call.
///
/// An elementwise function is a struct with
///   name             what prints,
///   forward(x...)    on numbers and on lanes alike; always inlined, or lanes would go through memory,
///   needs<I>         what the rule of operand I reads (needs::first, second, third, result),
///   gradient<I>(g, y, x...)  the gradient of operand I from that of the result, as an expression.
/// A kernel with its own loop nest has instead forward<Out, Operands...>(call, done), flops<Operands...>(signature), and
/// gradient<I>(attributes, g, y, x...).
namespace xgrad::inline XGRAD_ABI::op
{
    /// What elementwise functions have in common: the result has the type of the last operand.
    struct elementwise_function
    {
        template <class... Elements>
        using value_type = typename last_type<Elements...>::type;
        /// Operations per element, as FLOPs are usually counted: one for each arithmetic operation or function.
        static constexpr int flops = 1;
        /// Whether operands may be tensors of bool.
        static constexpr bool takes_bool = false;
    };

    /// What comparisons have in common: the result is bool, and there is no gradient.
    struct comparison : elementwise_function
    {
        template <class...>
        using value_type = bool;
        static constexpr bool takes_bool = true;
    };
}
