// SPDX-License-Identifier: BSD-3-Clause
// expect: of a linear layer: the last extent of what it is given must equal the inputs it was declared with
// expect: 784L? == 1024L?
// A layer for 1024 features is given 784.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr int features = 784;
#else
constexpr int features = 1024;
#endif

struct model
{
    xg::linear<features, 256> hidden;
    xg::linear<256, 10> output;

    constexpr auto operator()(auto image) const { return output(relu(hidden(image))); }
};
constexpr auto loss = [](const auto& net, auto images, auto labels) { return cross_entropy(net(images), labels); };

auto net = xg::network<model>(1);
auto step = xg::training_step<xg::batch<64, float, 784>, xg::batch<64, std::int32_t>>(net, loss, xg::adam{});
