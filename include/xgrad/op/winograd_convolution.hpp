// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/kernel/convolution.hpp>
#include <xgrad/kernel/convolution_threads.hpp>
#include <xgrad/kernel/winograd.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// The extents of a convolution with 3x3 taps; all that weights need are the channels.
        constexpr kernel::convolution_extents winograd_window(const shape& x, const shape& y, const kernel::attributes& with)
        {
            kernel::convolution_extents e;
            e.batch = x.extent[0];
            e.in_channels = x.extent[1];
            e.out_channels = y.extent[1];
            for (int axis = 0; axis < 2; ++axis)
                e.axis[static_cast<std::size_t>(axis + 1)] = {
                    x.extent[axis + 2], y.extent[axis + 2], 3, 1, 1, with.value[1] >> 16 * axis & 65535};
            return e;
        }

        /// The weights [out, in, 3, 3] of a convolution, transformed for tiles of an edge that attribute 0 says: a statement of
        /// its own, because in a prediction that is frozen it runs once.
        struct winograd_weights
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "winograd_weights";

            static constexpr kernel::convolution_extents extents(const shape& w)
            {
                kernel::convolution_extents e;
                e.in_channels = w.extent[1];
                e.out_channels = w.extent[0];
                return e;
            }
            template <class Out, class>
            static void forward(const kernel::call& c, auto&& done)
            {
                const auto e = extents(c.in[0].extents);
                kernel::winograd_weights<Out>(e, kernel::winograd_extents(e, c.with.value[0]), c.in[0].data.template as<Out>(),
                                              c.out.data.template as<Out>());
                done(0, c.out.extents.size());
            }
            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
        };

        /// A prediction's convolution by 3x3 taps: by transformed weights, or where they were not worth their while, which
        /// attribute 0 says, by plain ones. Its operations are counted as those of the plain sums.
        struct winograd_convolution
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "winograd_convolution";
            static constexpr std::int64_t plain = 1;

            template <class Out, class, class>
            static void forward(const kernel::call& c, auto&& done)
            {
                const auto e = winograd_window(c.in[0].extents, c.out.extents, c.with);
                const Out *x = c.in[0].data.template as<Out>(), *w = c.in[1].data.template as<Out>();
                Out *to = c.out.data.template as<Out>(), *room = c.workspace.template as<Out>();
                const auto compute = [&](const kernel::conv_part<Out>& own)
                {
                    const auto of_part = kernel::shifted(done, own.y);
                    if (c.with.value[0] == plain)
                        kernel::convolution<Out>(own.e, x + own.x, w + own.w, to + own.y, own.room, of_part);
                    else
                        kernel::winograd_convolution<Out>(own.e, x + own.x, w, to + own.y, own.room, of_part,
                                                          e.batch == 1 ? c.threads : nullptr);
                };
                const bool is_plain = c.with.value[0] == plain;
                const auto needed = [&](const auto& own)
                { return is_plain ? kernel::convolution_workspace<Out>(own) : kernel::winograd_workspace(own); };
                if ((e.batch == 1 && !is_plain) ||
                    !kernel::share_convolution<Out>(c, e, kernel::cut::anywhere, needed, compute))
                    compute({e, 0, 0, 0, 0, room});
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 18 * s.out.size() * s.in(0).extent[1];
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using type = typename A::value_type;
                const auto e = winograd_window(s.in(0), s.out, s.with);
                const auto size =
                    s.with.value[0] == plain ? kernel::convolution_workspace<type>(e) : kernel::winograd_workspace(e);
                return size * static_cast<std::int64_t>(sizeof(type));
            }
        };
    }
}
