// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

namespace
{
    struct model
    {
        xg::nn::prelu<> one{};
        xg::nn::prelu<3, float> channels{};
        xg::nn::prelu<3, float> steep{.weight = {xg::constant_value(2)}};
        constexpr auto operator()(auto x) const { return steep(channels(one(x))); }
    };
    struct single
    {
        xg::nn::prelu<3, double> layer;
        constexpr auto operator()(auto x) const { return layer(x); }
    };
    using image = xg::input<double, 2, 3, 4, 5>;
    constexpr auto loss = [](const auto& m, auto x, auto w) { return sum(m(x) * w); };
}

TEST_CASE("prelu layers start with PyTorch's 0.25 and learn their slopes", "[nn]")
{
    auto three = xg::network<model>();
    CHECK(three.spans()[0].name == "one.weight");
    CHECK(three.parameter_count() == 1 + 3 + 3);
    auto predict = xg::prediction<xg::batch<4, float, 3, 1>>(three);
    const xt::xtensor<float, 3> y = predict(xt::xtensor<float, 3>{{{-16}, {4}, {-1}}});
    CHECK((y == xt::xtensor<float, 3>{{{-2}, {4}, {-0.125}}}));

    const reference torch{"activation"};
    auto net = xg::network<single>();
    const auto& slopes = torch("prelu/b").values;
    std::copy(slopes.begin(), slopes.end(), net[net.model.layer.weight].begin());
    auto step = xg::training_step<image, image>(net, loss, xg::sgd{.learning_rate = 0.5});
    step(check::from_reference<image>(torch, "prelu/a"), check::from_reference<image>(torch, "prelu/w"));
    const auto& expected = torch("prelu/db").values;
    CHECK(check::distance(step.gradient(net.model.layer.weight), expected) < 1e-13);
    for (std::size_t c = 0; c < 3; ++c)
        CHECK(net[net.model.layer.weight](c) == Approx(slopes[c] - 0.5 * expected[c]));
}
