// SPDX-License-Identifier: BSD-3-Clause
// Trains a small network: compiled once per architecture, as a function called UNIT.
#include "unit.hpp"

#include <xgrad/xgrad.hpp>

answer UNIT();

namespace
{
    struct model
    {
        xg::conv2d<1, 6, 3> conv;
        xg::linear<54, 4> output;
        constexpr auto operator()(auto x) const { return output(flatten(max_pool<2>(relu(conv(x))))); }
    };
    constexpr auto loss = [](const auto& model, auto images, auto labels) { return cross_entropy(model(images), labels); };
}

answer UNIT()
{
    auto net = xg::network<model>(1);
    auto step =
        xg::training_step<xg::batch<8, float, 1, 8, 8>, xg::batch<8, std::int32_t>>(net, loss, xg::adam{.learning_rate = 0.01});
    xt::xtensor<float, 4> images({8, 1, 8, 8});
    const std::array<std::int32_t, 8> labels{0, 1, 2, 3, 0, 1, 2, 3};
    for (std::size_t i = 0; i < images.size(); ++i)
        images.data()[i] = static_cast<float>(i * i % 17) / 17;
    answer it{xgrad::kernel::default_arch::name(), xgrad::unit_compiled_for(), step(images, labels), 0};
    for (int k = 0; k < 20; ++k)
        it.last_loss = step(images, labels);
    return it;
}
