// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::training_step: the loss takes a gradient itself; hand in with_derivatives<1>\(loss\)
// A loss that takes a gradient must be differentiated twice.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

    constexpr auto operator()(auto x) const { return output(x); }
};


constexpr auto penalty = [](const auto& net, auto x) { return mean(square(gradient(sum(net(x)), x))); };
#ifdef XGRAD_TWIN
constexpr auto loss = xg::with_derivatives<1>(penalty);
#else
constexpr auto loss = penalty;
#endif

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{});
