// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/mean_pool_gradient.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/pool_window.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// g spread evenly over the inputs of every window: the derivative of the mean.
        struct avg_pool_gradient
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "avg_pool_gradient";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::pool_extents e = pool_window(c.out.extents, c.in[0].extents, c.with);
                const Out* const g = c.in[0].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                kernel::share_planes<Out>(
                    c, e, kernel::mean_pool_gradient_workspace<Out>(e),
                    [&](const auto& own, std::ptrdiff_t in, std::ptrdiff_t out, Out* room)
                    { kernel::mean_pool_gradient<Out>(own, g + out, to + in, room, kernel::shifted(done, in)); });
            }
            template <class A>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using T = typename A::value_type;
                return kernel::mean_pool_gradient_workspace<T>(pool_window(s.out, s.in(0), s.with)) *
                       static_cast<std::int64_t>(sizeof(T));
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return pool_flops(s.out, s.in(0), s.with);
            }

            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto h, auto, auto g);
        };

        struct avg_pool
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "avg_pool";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::pool_extents e = pool_window(c.in[0].extents, c.out.extents, c.with);
                const Out* const x = c.in[0].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                kernel::share_planes<Out>(
                    c, e, kernel::pool_workspace<Out>(e), [&](const auto& own, std::ptrdiff_t in, std::ptrdiff_t out, Out* room)
                    { kernel::pool<kernel::pool_mean, Out>(own, x + in, to + out, room, kernel::shifted(done, out)); });
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return pool_flops(s.in(0), s.out, s.with);
            }
            template <class A>
            static constexpr std::int64_t workspace(const signature& s)
            {
                return pool_workspace_bytes<typename A::value_type>(s);
            }

            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                return make_core<avg_pool_gradient>(dynamic{x.shape()}, with, g);
            }
        };

        template <int>
        constexpr auto avg_pool_gradient::gradient(const kernel::attributes& with, auto h, auto, auto g)
        {
            return make_core<avg_pool>(dynamic{g.shape()}, with, h);
        }
    }

    /// The mean of every window, x [batch, channels, 1 to 3 axes]: `avg_pool<2>(x)`. Windows move by their own extent
    /// unless a stride is given; zeros of the padding count unless `count_include_pad` is false. Derivative: g spread evenly.
    template <per_axis Window, pool_options Options = pool_options{}>
    constexpr auto avg_pool(tensor auto&& x)
    {
        static_assert(Options.dilation == per_axis(1), "xgrad::avg_pool: the windows of an average have no dilation");
        return detail::pooled<op::avg_pool, Window, Options>(std::forward<decltype(x)>(x));
    }

    /// The mean of every part when each axis is divided into so many parts of nearly equal length.
    template <per_axis Parts>
    constexpr auto adaptive_avg_pool(tensor auto&& x)
    {
        return detail::pooled_adaptively<op::avg_pool, Parts>(std::forward<decltype(x)>(x));
    }

    /// The mean of every channel: x [batch, channels, ..] to [batch, channels].
    constexpr auto global_avg_pool(tensor auto&& x)
    {
        constexpr int rank = shape_of_operand<decltype(x)>::value.rank;
        static_assert(rank >= 3, "xgrad::global_avg_pool(x): x is [batch, channels, 1 to 3 axes]");
        return [&]<int... Axis>(std::integer_sequence<int, Axis...>)
        { return mean<(Axis + 2)...>(std::forward<decltype(x)>(x)); }(std::make_integer_sequence<int, rank - 2>{});
    }
}
