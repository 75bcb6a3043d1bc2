// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::training_step: the loss must be a scalar; take the mean\(...\) or sum\(...\) of it
// expect: at_most<64, 2>
// A loss for every row is not a loss.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

    constexpr auto operator()(auto x) const { return output(x); }
};


#ifdef XGRAD_TWIN
constexpr auto loss = [](const auto& net, auto x) { return mean(square(net(x))); };
#else
constexpr auto loss = [](const auto& net, auto x) { return square(net(x)); };
#endif

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
