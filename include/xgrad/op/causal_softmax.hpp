// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/softmax.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct causal_softmax
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "causal_softmax";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const shape& form = c.in[0].extents;
                const std::ptrdiff_t rows = form[-2], columns = form[-1], size = form.size();
                // what lies ahead is -inf, so that whole rows go through the vectors of softmax: exp(-inf) is 0
                for (std::ptrdiff_t first = 0; first < size; first += rows * columns)
                {
                    for (std::ptrdiff_t i = 0; i < rows; ++i)
                    {
                        const std::ptrdiff_t row = first + i * columns, seen = i + 1 + columns - rows;
                        for (std::ptrdiff_t j = 0; j < columns; ++j)
                            to[row + j] = j < seen ? x[row + j] : -std::numeric_limits<Out>::infinity();
                    }
                    kernel::softmax_rows(to + first, to + first, rows, columns,
                                         [&](std::ptrdiff_t begin, std::ptrdiff_t end) { done(first + begin, first + end); });
                }
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 2 * s.in(0).size();
            }

            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto y, auto x)
            {
                return softmax::gradient<0>(with, g, y, x); // where y is 0 nothing comes back
            }
        };
    }

    namespace detail
    {
        template <class X>
        consteval bool require_causal_shape()
        {
            constexpr shape x = shape_of_operand<X>::value;
            constexpr bool fits = x.rank >= 2 && x[x.rank < 2 ? 0 : -2] <= x[x.rank < 1 ? 0 : -1] && !(x.bounded && x.rank < 3);
            static_assert(fits,
                          "xgrad::causal_softmax(x): x must be [.., queries, keys], with as many keys as queries or more");
            return fits;
        }
    }

    /// The softmax of attention over what has come before (Vaswani et al. 2017): x [.., queries, keys], and query i sees the
    /// keys up to its own, the last query all of them; elsewhere the result is 0. Derivative: y (g - sum(g y)).
    constexpr auto causal_softmax(tensor auto&& x)
    {
        constexpr bool fits = detail::require_causal_shape<decltype(x)>();
        using form = shape_of_operand<decltype(x)>;
        if constexpr (fits)
            return make_core<op::causal_softmax>(form{}, {}, in_memory(std::forward<decltype(x)>(x)));
        else
            return in_memory(std::forward<decltype(x)>(x));
    }
}
