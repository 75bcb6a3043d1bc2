// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/divide.hpp>
#include <xgrad/op/sum.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// How many elements a run really has where a bounded batch has at most `attribute 0`.
        template <class T>
        struct count
        {
            template <class...>
            using value_type = T;
            static constexpr auto name = "count";

            template <class Out, class...>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                *c.out.data.template as<Out>() = static_cast<Out>(c.with.value[0] / c.bound * c.rows);
                done(0, 1);
            }
            template <class...>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
        };
    }

    namespace detail
    {
        /// How many elements of x there are along the axes: a number, or of a batch a value of the run.
        template <int... Axes>
        constexpr auto count_along(const auto& x)
        {
            using type = element_of_operand<decltype(x)>;
            constexpr shape from = shape_of_operand<decltype(x)>::value;
            constexpr axis_set axes = axes_of<Axes...>(from.rank);
            constexpr std::ptrdiff_t count = reduced_count(from, axes);
            if constexpr (from.bounded && (axes & 1u) && on_tape<decltype(x)>)
            {
                int ids[tree_traits<typename expression_type<decltype(x)>::tree_type>::leaves];
                leaf_ids(x.tree, ids);
                const std::ptrdiff_t rows = x.list->runs->rows_of(ids, static_cast<int>(std::size(ids)));
                return static_cast<double>(count / from[0] * rows);
            }
            else if constexpr (from.bounded && (axes & 1u))
            {
                using tree = core<op::count<type>>;
                return named(expression<tree, extents<>, 9>{{{}, {{count, 0}}}, list_of(x), {}});
            }
            else
                return static_cast<double>(count);
        }

        template <bool Keep, int... Axes>
        constexpr auto mean(auto&& x)
        {
            using X = decltype(x);
            using type = element_of_operand<X>;
            static_assert(std::is_floating_point_v<type>, "xgrad::mean(x): x must hold floating-point numbers");
            auto count = count_along<Axes...>(x);
            return reduce_static<op::sum, Keep, Axes...>(std::forward<X>(x)) / count;
        }
    }

    /// The mean of x over the given axes, all of them if none is given; of a batch, over the rows that exist.
    /// Derivative: 1 / count.
    template <int... Axes>
    constexpr auto mean(tensor auto&& x)
    {
        return detail::mean<false, Axes...>(std::forward<decltype(x)>(x));
    }
    template <int... Axes>
    constexpr auto mean(tensor auto&& x, keep_axes_t)
    {
        return detail::mean<true, Axes...>(std::forward<decltype(x)>(x));
    }
}
