// SPDX-License-Identifier: BSD-3-Clause
// expect: a convolution takes x as \[batch, channels, 1 to 3 axes\] and a weight with as many axes
// One picture, without the axis of the batch: the first layer says so, and those behind it nothing more.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
using picture = xg::input<float, 1, 3, 16, 16>;
#else
using picture = xg::input<float, 3, 16, 16>;
#endif
struct model
{
    xg::conv2d<3, 8, 3> conv1;
    xg::batch_norm<8> norm;
    xg::conv2d<8, 8, 3> conv2;
    xg::linear<8, 2> output;
    constexpr auto operator()(auto x) const
    {
        auto h = max_pool<2>(relu(norm(conv1(x))));
        return output(xg::global_avg_pool(relu(conv2(h)) + relu(conv2(h))));
    }
};
auto net = xg::network<model>();
auto predict = xg::prediction<picture>(net);
