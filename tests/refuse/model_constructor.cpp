// SPDX-License-Identifier: BSD-3-Clause
// expect: TODO
// A model needs no constructor.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

#ifndef XGRAD_TWIN
    constexpr model() {}
#endif
    constexpr auto operator()(auto x) const { return output(x); }
};

auto net = xg::network<model>(1);
