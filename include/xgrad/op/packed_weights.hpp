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

        static constexpr shape packed(shape w)
        {
            w.extent[0] = static_cast<std::int32_t>(kernel::packed_channels(w[0]));
            return w;
        }
        template <class Out, class>
        static void forward(const kernel::call& c, auto&& done)
        {
            const shape& w = c.in[0].extents;
            kernel::pack_weights<Out>(w[0], w.size() / w[0], c.in[0].data.template as<Out>(), c.out.data.template as<Out>());
            done(0, c.out.extents.size());
        }
        template <class>
        static constexpr std::int64_t flops(const signature&)
        {
            return 0;
        }
    };
}
