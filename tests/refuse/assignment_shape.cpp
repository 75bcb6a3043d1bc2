// SPDX-License-Identifier: BSD-3-Clause
// expect: a name keeps its shape; assign a value of that shape
// expect: is_same_v<xgrad::(sse2::)?at_most<64, 8>, xgrad::(sse2::)?at_most<64, 4> ?>
// A recurrent loop whose state would change its size.
#include <xgrad/xgrad.hpp>

struct model
{
#ifdef XGRAD_TWIN
    xg::linear<8, 8> from_state;
#else
    xg::linear<8, 4> from_state;
#endif
    constexpr auto operator()(auto state) const
    {
        state = tanh(from_state(state));
        return state;
    }
};
auto net = xg::network<model>();
auto predict = xg::prediction<xg::batch<64, float, 8>>(net);
