// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/softmax_rows.hpp>
#include <xgrad/op/logsumexp.hpp>
#include <xgrad/op/multiply.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct softmax
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "softmax";
            static constexpr bool row_by_row = true;

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.in[0].extents.columns();
                kernel::softmax_rows(x, to, c.in[0].extents.size() / columns, columns, done);
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 4 * s.in(0).size();
            }

            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto y, auto)
            {
                const auto along = named(detail::reduce_value<op::sum>(g * y, 1u << (y.shape().rank - 1), true));
                return (g - along) * y;
            }
        };

        struct log_softmax
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "log_softmax";
            static constexpr bool row_by_row = true;

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.in[0].extents.columns();
                kernel::logsumexp_rows(x, c.in[0].extents.size() / columns, columns,
                                       [&](std::ptrdiff_t row, Out largest, Out rest)
                                       {
                                           const std::ptrdiff_t at = row * columns;
                                           kernel::map_row(x + at, to + at, columns,
                                                           [largest, rest](const auto& v)
                                                           {
                                                               using V = std::remove_cvref_t<decltype(v)>;
                                                               return (v - V(largest)) - V(rest);
                                                           });
                                           done(at, at + columns);
                                       });
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 4 * s.in(0).size();
            }

            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto y, auto)
            {
                const auto along = named(detail::reduce_value<op::sum>(g, 1u << (y.shape().rank - 1), true));
                return g - xgrad::exp(y) * along;
            }
        };
    }

    /// exp(x) / sum(exp(x)) along an axis, without overflow. Derivative: y (g - sum(g y)).
    template <int Axis = -1>
    constexpr auto softmax(tensor auto&& x)
    {
        using form = shape_of_operand<decltype(x)>;
        constexpr bool exists = detail::axes_exist<form::value.rank, Axis>();
        static_assert(exists, "xgrad::softmax<Axis>(x): x does not have this axis");
        if constexpr (!exists || normal_axis(Axis, form::value.rank) == form::value.rank - 1)
            return make_core<op::softmax>(form{}, {}, in_memory(std::forward<decltype(x)>(x)));
        else
        {
            const auto value = in_memory(std::forward<decltype(x)>(x));
            const auto powers = named(exp(value - named(stop_gradient(max<Axis>(value, keep_axes)))));
            return powers / named(sum<Axis>(powers, keep_axes));
        }
    }

    /// log(softmax(x)) along an axis, without overflow. Derivative: g - exp(y) sum(g).
    template <int Axis = -1>
    constexpr auto log_softmax(tensor auto&& x)
    {
        using form = shape_of_operand<decltype(x)>;
        constexpr bool exists = detail::axes_exist<form::value.rank, Axis>();
        static_assert(exists, "xgrad::log_softmax<Axis>(x): x does not have this axis");
        if constexpr (!exists || normal_axis(Axis, form::value.rank) == form::value.rank - 1)
            return make_core<op::log_softmax>(form{}, {}, in_memory(std::forward<decltype(x)>(x)));
        else
        {
            const auto value = in_memory(std::forward<decltype(x)>(x));
            return value - named(logsumexp<Axis>(value, keep_axes));
        }
    }
}
