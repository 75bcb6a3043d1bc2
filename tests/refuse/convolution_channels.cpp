// SPDX-License-Identifier: BSD-3-Clause
// expect: a convolution needs as many channels \(the second extent of x\) as its weight was made for
// expect: 3L? == 4L?
// A layer for images of four channels is given three.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr int channels = 3;
#else
constexpr int channels = 4;
#endif

struct model
{
    xg::conv2d<channels, 8, 3> first;
    constexpr auto operator()(auto x) const { return first(x); }
};
auto net = xg::network<model>(1);
auto predict = xg::prediction<xg::batch<4, float, 3, 8, 8>>(net);
