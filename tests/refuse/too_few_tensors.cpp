// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::training_step: hand in as many tensors as inputs were declared
// The labels are missing.
#include <xgrad/xgrad.hpp>

struct model
{
    xg::linear<4, 2> output;

    constexpr auto operator()(auto x) const { return output(x); }
};


constexpr auto loss = [](const auto& net, auto x, auto labels) { return cross_entropy(net(x), labels); };

int main()
{
    auto net = xg::network<model>(1);
    auto step = xg::training_step<xg::input<float, 2, 4>, xg::input<std::int32_t, 2>>(net, loss, xg::sgd{});
    const xt::xtensor<float, 2> x{{1, 2, 3, 4}, {5, 6, 7, 8}};
#ifdef XGRAD_TWIN
    const xt::xtensor<std::int32_t, 1> labels{0, 1};
    step(x, labels);
#else
    step(x);
#endif
}
