// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::network<model>: a model must be a plain aggregate: a struct without constructors, base classes
// A model is made of members, not of base classes.
#include <xgrad/xgrad.hpp>

struct features
{
    xg::linear<4, 2> hidden;
};

#ifdef XGRAD_TWIN
struct model
{
    features base;
    xg::linear<2, 2> output;

    constexpr auto operator()(auto x) const { return output(relu(base.hidden(x))); }
};
#else
struct model : features
{
    xg::linear<2, 2> output;

    constexpr auto operator()(auto x) const { return output(relu(hidden(x))); }
};
#endif

constexpr auto loss = [](const auto& net, auto x) { return mean(net(x)); };

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
