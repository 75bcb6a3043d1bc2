// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::network<model>: a model must be a plain aggregate: a struct without constructors, base classes
// A model needs no constructor.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

#ifndef XGRAD_TWIN
    model() {}
#endif
    constexpr auto operator()(auto x) const { return output(x); }
};

constexpr auto loss = [](const auto& net, auto x) { return mean(net(x)); };

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
