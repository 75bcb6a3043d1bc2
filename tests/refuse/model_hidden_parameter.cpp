// SPDX-License-Identifier: BSD-3-Clause
// more errors follow
// expect: this parameter belongs to no network: build one with network<model>\(seed\)
// A member whose constructor would hide its parameters from the optimizer.
#include <xgrad/xgrad.hpp>

struct layer
{
    xg::linear<4, 2> inner;

#ifndef XGRAD_TWIN
    constexpr layer() {}
#endif
    constexpr auto operator()(auto x) const { return inner(x); }
};

struct model
{
    layer output;

    constexpr auto operator()(auto x) const { return output(x); }
};

constexpr auto loss = [](const auto& net, auto x) { return mean(net(x)); };

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
