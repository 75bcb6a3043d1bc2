// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::network<model>: a model must be a plain aggregate: a struct without constructors, base classes, private members
// A model hides nothing.
#include <xgrad/xgrad.hpp>

class model
{
#ifdef XGRAD_TWIN
public:
#endif
    xg::linear<4, 2> output;

public:
    constexpr auto operator()(auto x) const { return output(x); }
};

constexpr auto loss = [](const auto& net, auto x) { return mean(net(x)); };

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
