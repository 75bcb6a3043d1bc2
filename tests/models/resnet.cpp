// SPDX-License-Identifier: BSD-3-Clause
#include <models/torchvision.hpp>

#include <xgrad/models/resnet.hpp>

namespace
{
    using images = xg::batch<2, double, 3, 64, 64>;
    // in double: in float one activation of 60,000 falls on the other side of zero
    using net18 = xg::models::resnet<xg::models::basic_block, 2, 2, 2, 2, 1000, double>;
    using net50 = xg::models::resnet<xg::models::bottleneck, 3, 4, 6, 3, 1000, float>;

    // what is known before anything runs: batch norm, activation and residual are part of the convolutions
    using photo = xg::input<float, 1, 3, 224, 224>;
    using plan50 = xg::function_builder<xg::model_call, xg::default_model<net50>, photo>;
    static_assert(xg::graph_of<plan50>.view().flops() / 1000000 == 8217);
    static_assert(xg::graph_of<plan50>.view().statements() == 53 + 2 * 53 + 3 + 11); // 11 transform their weights
    static_assert(xg::plan_of<plan50>.bytes == 10437120);
    static_assert(xg::layout_of<xg::default_model<net50>>.parameter_count == 25557032);

    constexpr auto loss = [](const auto& model, auto x, auto labels) { return xg::cross_entropy(model(x), labels); };
}

TEST_CASE("resnet18 and resnet50 agree with torchvision", "[models]")
{
    agrees_with_torchvision(xg::models::resnet18(), "resnet18");
    agrees_with_torchvision(xg::models::resnet50(), "resnet50");
}

TEST_CASE("a training step of resnet18 gives torchvision's gradients", "[models]")
{
    const reference torch{"models"};
    auto net = xg::network<net18>();
    weights::fill(net);
    auto step = xg::training_step<images, xg::batch<2, std::int32_t>>(net, loss, xg::sgd{.learning_rate = 0});
    CHECK(step(xt::cast<double>(weights::images()), std::array{3, 7}) ==
          Approx(torch("resnet18/loss").values[0]).epsilon(1e-9));
    int compared = 0;
    for (const auto& tensor : step.gradients())
    {
        INFO(tensor.name);
        const auto& expected = torch("resnet18/" + tensor.name).values;
        const auto* const g = reinterpret_cast<const double*>(tensor.data);
        double squares = 0;
        for (std::ptrdiff_t i = 0; i < tensor.extents.size(); ++i)
            squares += g[i] * g[i];
        const double length = expected[0];
        CHECK(std::sqrt(squares) == Approx(length).epsilon(1e-8));
        for (std::size_t i = 1; i < expected.size(); ++i)
            CHECK(std::abs(g[i - 1] - expected[i]) <= 1e-8 * length);
        ++compared;
    }
    CHECK(compared == 62);
    for (const auto& tensor : net.spans())
        if (tensor.name == "bn1.running_mean" || tensor.name == "layer4.1.bn2.running_var")
            for (std::size_t i = 0; i < 8; ++i)
                CHECK(reinterpret_cast<const double*>(tensor.data)[i] ==
                      Approx(torch("resnet18/" + tensor.name).values[i]).epsilon(1e-8));
}
