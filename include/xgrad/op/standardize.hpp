// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/rows.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/subtract.hpp>

#include <bit>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// 1 / sqrt(variance + epsilon) of every row, the last axis kept with extent 1; attribute 1: the bits of epsilon.
        struct inverse_deviation
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "inverse_deviation";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.in[0].extents.columns(), rows = c.out.extents.size();
                const auto epsilon = static_cast<Out>(std::bit_cast<double>(c.with.value[1]));
                for (std::ptrdiff_t row = 0; row < rows; ++row)
                    to[row] = kernel::row_moments<Out>(x + row * columns, columns, epsilon).inverse_deviation;
                done(0, rows);
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 4 * s.in(0).size();
            }

            template <int>
            static constexpr unsigned needs = needs::result | needs::first;
            // d(v + e)^(-1/2) = -1/2 (v + e)^(-3/2) dv with dv/dx = 2 (x - mean) / n
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto y, auto x);
        };

        /// (x - mean) / sqrt(variance + epsilon) along the last axis; attribute 1: the bits of epsilon.
        struct standardize
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "standardize";
            static constexpr bool row_by_row = true;

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.in[0].extents.columns(), size = c.in[0].extents.size();
                const auto epsilon = static_cast<Out>(std::bit_cast<double>(c.with.value[1]));
                const std::ptrdiff_t block = kernel::rows_at_once(columns) * columns;
                for (std::ptrdiff_t first = 0; first < size; first += block)
                {
                    const std::ptrdiff_t last = std::min(first + block, size);
                    for (std::ptrdiff_t at = first; at < last; at += columns)
                    {
                        const kernel::row_moments<Out> of(x + at, columns, epsilon, kernel::next_rows(columns));
                        kernel::map_row(
                            x + at, to + at, columns,
                            [&](const auto& v)
                            {
                                using V = std::remove_cvref_t<decltype(v)>;
                                return (v - V(of.mean)) * V(of.inverse_deviation);
                            },
                            kernel::next_rows(columns));
                    }
                    done(first, last);
                }
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 6 * s.in(0).size();
            }

            template <int>
            static constexpr unsigned needs = needs::result | needs::first;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto y, auto x)
            {
                const shape kept = reduced(x.shape(), 1u << (x.shape().rank - 1), true);
                const double count = static_cast<double>(x.shape()[-1]);
                const auto mean_g = named(detail::reduce_value<op::sum>(g, 1u << (x.shape().rank - 1), true) / count);
                const auto mean_gy = named(detail::reduce_value<op::sum>(g * y, 1u << (x.shape().rank - 1), true) / count);
                const auto inverse = named(make_core<inverse_deviation>(dynamic{kept}, with, x));
                return (g - mean_g - y * mean_gy) * inverse;
            }
        };

        template <int>
        constexpr auto inverse_deviation::gradient(const kernel::attributes& with, auto g, auto y, auto x)
        {
            const auto standard = named(make_core<standardize>(dynamic{x.shape()}, with, x));
            const auto factor = named(g * y * y * (-1 / static_cast<double>(x.shape()[-1])));
            return standard * factor;
        }
    }

    /// (x - mean) / sqrt(variance + epsilon) along the last axis: mean 0 and variance 1, what layer_norm scales and shifts.
    /// Derivative: (g - mean(g) - y mean(g y)) / sqrt(variance + epsilon).
    constexpr auto standardize(tensor auto&& x, double epsilon = 1e-5)
    {
        using form = shape_of_operand<decltype(x)>;
        static_assert(form::value.rank > 0, "xgrad::standardize(x): x must have at least one axis");
        static_assert(std::is_floating_point_v<element_of_operand<decltype(x)>>,
                      "xgrad::standardize(x): x must hold floating-point numbers; cast<float>(x) converts");
        return make_core<op::standardize>(form{}, kernel::attributes{{0, std::bit_cast<std::int64_t>(epsilon)}},
                                          in_memory(std::forward<decltype(x)>(x)));
    }
}
