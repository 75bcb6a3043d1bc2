// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::training_step: the loss must be a function object without state, such as a lambda without captures
// The compiler cannot run what the program captures.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

    constexpr auto operator()(auto x) const { return output(x); }
};


int main()
{
    double scale = 0.5;
#ifdef XGRAD_TWIN
    const auto loss = [](const auto& net, auto x) { return mean(square(net(x))) * 0.5; };
#else
    const auto loss = [scale](const auto& net, auto x) { return mean(square(net(x))) * scale; };
#endif
    auto net = xg::network<model>(1);
    auto step = xg::training_step<xg::batch<64, float, 4>>(net, loss, xg::sgd{scale});
}
