// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

namespace
{
    // a layer whose parameters are given as inputs, so that PyTorch's cases and differences reach all of them
    template <class T>
    using matrix57 = xg::input<T, 5, 7>;

    struct line
    {
        xg::linear<5, 7, double> layer;
        constexpr auto operator()(auto x) const { return layer(x); }
    };

    struct norm
    {
        xg::layer_norm<7, double> layer;
        constexpr auto operator()(auto x) const { return layer(x); }
    };

    struct table
    {
        xg::embedding<5, 7, double> layer;
        constexpr auto operator()(auto tokens) const { return layer(tokens); }
    };

    struct drop_model
    {
        xg::nn::dropout drop{0.5};
        xg::linear<64, 64> layer{};
        constexpr auto operator()(auto x) const { return drop(layer(x)); }
    };
}

TEST_CASE("linear and layer_norm agree with PyTorch", "[nn]")
{
    const reference torch{"nn"};
    auto net = xg::network<line>();
    const auto set = [&](auto view, const char* entry)
    { std::copy(torch(entry).values.begin(), torch(entry).values.end(), view.begin()); };
    set(net[net.model.layer.weight], "linear/b");
    set(net[net.model.layer.bias], "linear/c");
    auto predict = xg::prediction<xg::input<double, 3, 5>>(net);
    CHECK(check::distance(predict(check::from_reference<xg::input<double, 3, 5>>(torch, "linear/a")),
                          torch("linear/y").values) < 1e-14);

    constexpr auto weighted = [](const auto& model, auto x, auto w) { return sum(model(x) * w); };
    auto normal = xg::network<norm>();
    set(normal[normal.model.layer.weight], "layer_norm/b");
    set(normal[normal.model.layer.bias], "layer_norm/c");
    auto apply = xg::prediction<xg::input<double, 5, 7>>(normal);
    const auto a = check::from_reference<matrix57<double>>(torch, "layer_norm/a");
    CHECK(check::distance(apply(a), torch("layer_norm/y").values) < 1e-13);
    auto step = xg::training_step<matrix57<double>, matrix57<double>>(normal, weighted, xg::sgd{0.0});
    step(a, check::from_reference<matrix57<double>>(torch, "layer_norm/w"));
    CHECK(check::distance(step.gradient(normal.model.layer.weight), torch("layer_norm/db").values) < 1e-12);
    CHECK(check::distance(step.gradient(normal.model.layer.bias), torch("layer_norm/dc").values) < 1e-12);
    auto input_gradient = xg::compile<matrix57<double>, matrix57<double>>(
        normal, xg::with_derivatives<1>([](const auto& model, auto x, auto w) { return gradient(sum(model(x) * w), x); }));
    CHECK(check::distance(input_gradient(a, check::from_reference<matrix57<double>>(torch, "layer_norm/w")),
                          torch("layer_norm/da").values) < 1e-12);
}

TEST_CASE("embedding agrees with PyTorch", "[nn]")
{
    const reference torch{"nn"};
    constexpr auto weighted = [](const auto& model, auto tokens, auto w) { return sum(model(tokens) * w); };
    auto net = xg::network<table>();
    std::copy(torch("embedding/a").values.begin(), torch("embedding/a").values.end(), net.data());
    auto predict = xg::prediction<xg::input<std::int32_t, 6>>(net);
    CHECK(check::distance(predict(torch.integers("embedding/tokens")), torch("embedding/y").values) == 0);
    auto step = xg::training_step<xg::input<std::int32_t, 6>, xg::input<double, 6, 7>>(net, weighted, xg::sgd{0.0});
    step(torch.integers("embedding/tokens"), check::from_reference<xg::input<double, 6, 7>>(torch, "embedding/w"));
    CHECK(check::distance(step.gradient(net.model.layer.weight), torch("embedding/da").values) < 1e-14);
    CHECK_THROWS_WITH(predict(std::vector<std::int32_t>{0, 1, 2, 5, 0, 0}),
                      Catch::Contains("number 3 is 5, but must be from 0 to 4"));
}

TEST_CASE("dropout drops in training and not in prediction", "[nn]")
{
    constexpr auto total = [](const auto& model, auto x) { return sum(abs(model(x))); };
    auto net = xg::network<drop_model>(1);
    net[net.model.layer.weight].fill(0);
    net[net.model.layer.bias].fill(1);
    auto predict = xg::prediction<xg::input<float, 64, 64>>(net);
    const xt::xtensor<float, 2> x = xt::ones<float>({64, 64});
    CHECK(xt::all(xt::equal(predict(x), 1.f)));
    auto step = xg::training_step<xg::input<float, 64, 64>>(net, total, xg::sgd{0.0}, 5);
    auto same = xg::training_step<xg::input<float, 64, 64>>(net, total, xg::sgd{0.0}, 5);
    auto other = xg::training_step<xg::input<float, 64, 64>>(net, total, xg::sgd{0.0}, 6);
    const float first = step(x);
    CHECK(first == Approx(4096).margin(6 * 64)); // each is 0 or 2: six standard deviations
    CHECK(first == same(x));
    CHECK(xt::sum(step.gradient(net.model.layer.bias))() == Approx(first)); // the gradient replays the mask
    const float second = step(x);
    CHECK((second != first || other(x) != first));
}

TEST_CASE("losses agree with PyTorch", "[nn]")
{
    using m = xg::input<double, 5, 7>;
    check::against_torch<xg::input<double>, m, m>([](auto a, auto b) { return xg::mse_loss(a, b); }, "nn", "mse_loss", 1e-14);
    constexpr auto bce = [](auto a, auto b) { return xg::binary_cross_entropy_with_logits(a, b); };
    check::against_torch<xg::input<double>, m, m>(bce, "nn", "bce_with_logits", 1e-14);
    check::against_torch<xg::input<double>, m, m>(bce, "nn", "bce_with_logits_soft", 1e-14);
}
