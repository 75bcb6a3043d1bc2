// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/kernel/convolution.hpp>

namespace xgrad::inline XGRAD_ABI::op
{
    /// The weights [out, in, ..] of a convolution, packed for its tiles: [out in whole tiles, in, ..]. A statement of its own,
    /// because in a prediction that is frozen it runs once.
    struct packed_weights
    {
        template <class Element>
        using value_type = Element;
        static constexpr auto name = "packed_weights";

        static constexpr kernel::convolution_extents extents(const shape& w)
        {
            kernel::convolution_extents e;
            e.out_channels = w.extent[0];
            e.in_channels = w.size() / w.extent[0]; // with the taps, for all that matters is how deep rows are
            return e;
        }
        template <class Out, class>
        static void forward(const kernel::call& c, auto&& done)
        {
            kernel::pack_weights<Out>(extents(c.in[0].extents), c.in[0].data.template as<Out>(), c.out.data.template as<Out>());
            done(0, c.out.extents.size());
        }
        template <class>
        static constexpr std::int64_t flops(const signature&)
        {
            return 0;
        }
    };
}
