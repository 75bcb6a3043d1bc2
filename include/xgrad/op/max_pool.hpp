// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/max_pool_gradient.hpp>
#include <xgrad/op/pool_window.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        // The derivatives of a maximum are two: what places g where the maximum was, and what picks values from there.
        struct max_pool;
        struct max_pool_gradient;
        struct max_pool_pick;

        struct max_pool
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "max_pool";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::pool_extents e = pool_window(c.in[0].extents, c.out.extents, c.with);
                const Out* const x = c.in[0].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                kernel::share_planes<Out>(
                    c, e, kernel::pool_workspace<Out>(e), [&](const auto& own, std::ptrdiff_t in, std::ptrdiff_t out, Out* room)
                    { kernel::pool<kernel::pool_max, Out>(own, x + in, to + out, room, kernel::shifted(done, out)); });
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
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                return make_core<max_pool_gradient>(dynamic{x.shape()}, with, g, x);
            }
        };

        /// g added up where x has the maxima; zero elsewhere.
        struct max_pool_gradient
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "max_pool_gradient";

            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::pool_extents e = pool_window(c.out.extents, c.in[0].extents, c.with);
                const Out *g = c.in[0].data.template as<Out>(), *x = c.in[1].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                kernel::share_planes<Out>(
                    c, e, kernel::max_pool_gradient_workspace<Out>(e),
                    [&](const auto& own, std::ptrdiff_t in, std::ptrdiff_t out, Out* room)
                    { kernel::max_pool_gradient<Out>(own, g + out, x + in, to + in, room, kernel::shifted(done, in)); });
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using T = typename A::value_type;
                return kernel::max_pool_gradient_workspace<T>(pool_window(s.out, s.in(0), s.with)) *
                       static_cast<std::int64_t>(sizeof(T));
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return pool_flops(s.out, s.in(0), s.with);
            }

            // x chooses places, which small changes of x leave alone: no derivative
            template <int Operand>
                requires(Operand == 0)
            static constexpr unsigned needs = needs::second;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto h, auto, auto g, auto x)
            {
                return make_core<max_pool_pick>(dynamic{g.shape()}, with, h, x);
            }
        };

        /// The elements of h that stand where x has its maxima.
        struct max_pool_pick
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "max_pool_pick";

            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const kernel::pool_extents e = pool_window(c.in[0].extents, c.out.extents, c.with);
                const Out *h = c.in[0].data.template as<Out>(), *x = c.in[1].data.template as<Out>();
                Out* const to = c.out.data.template as<Out>();
                kernel::share_planes<Out>(
                    c, e, kernel::max_pool_gradient_workspace<Out>(e),
                    [&](const auto& own, std::ptrdiff_t in, std::ptrdiff_t out, Out* room)
                    { kernel::max_pool_pick<Out>(own, h + in, x + in, to + out, room, kernel::shifted(done, out)); });
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using T = typename A::value_type;
                return kernel::max_pool_gradient_workspace<T>(pool_window(s.in(0), s.out, s.with)) *
                       static_cast<std::int64_t>(sizeof(T));
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return pool_flops(s.in(0), s.out, s.with);
            }

            template <int Operand>
                requires(Operand == 0)
            static constexpr unsigned needs = needs::second;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto h, auto x)
            {
                return make_core<max_pool_gradient>(dynamic{h.shape()}, with, g, x);
            }
        };
    }

    /// The maximum of every window, x [batch, channels, 1 to 3 axes]: `max_pool<2>(x)`, `max_pool<3, pool_options{.stride =
    /// 2, .padding = 1}>(x)`. Windows move by their own extent unless a stride is given. Padding never wins; a NaN does.
    /// Derivative: g where the maximum was, at the first of equal ones.
    template <per_axis Window, pool_options Options = pool_options{}>
    constexpr auto max_pool(tensor auto&& x)
    {
        return detail::pooled<op::max_pool, Window, Options>(std::forward<decltype(x)>(x));
    }

    /// The maximum of every part when each axis is divided into so many parts of nearly equal length.
    template <per_axis Parts>
    constexpr auto adaptive_max_pool(tensor auto&& x)
    {
        return detail::pooled_adaptively<op::max_pool, Parts>(std::forward<decltype(x)>(x));
    }
}
