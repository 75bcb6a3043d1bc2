// SPDX-License-Identifier: BSD-3-Clause
#include <reference/reference.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

namespace
{
    struct pair
    {
        xg::parameter<double, xg::extents<5, 7>> a;
        xg::parameter<double, xg::extents<7>> b;
    };
    constexpr auto loss = [](const auto& model, auto a, auto b) { return sum(model.a * a) + sum(model.b * b); };

    // from parameters of zero, a step of plain descent with rate 1 leaves minus the clipped gradient
    void against_torch(const std::string& name, const auto& optimizer)
    {
        INFO(name);
        const reference torch{"clip"};
        auto net = xg::network<pair>();
        auto step = xg::training_step<xg::input<double, 5, 7>, xg::input<double, 7>>(net, loss, optimizer);
        xt::xtensor<double, 2> a = xt::zeros<double>({5, 7});
        std::copy(torch(name + "/a").values.begin(), torch(name + "/a").values.end(), a.begin());
        step(a, torch(name + "/b").values);
        const auto clipped_a = net[net.model.a];
        const auto clipped_b = net[net.model.b];
        for (std::size_t k = 0; k < 35; ++k)
            CHECK(-clipped_a.data()[k] == Approx(torch(name + "/ya").values[k]).epsilon(1e-12));
        for (std::size_t k = 0; k < 7; ++k)
            CHECK(-clipped_b.data()[k] == Approx(torch(name + "/yb").values[k]).epsilon(1e-12));
    }
}

TEST_CASE("gradients are clipped as PyTorch clips them", "[optim]")
{
    against_torch("norm", xg::clip_by_norm{xg::sgd{1.0}, 1.0});
    against_torch("norm_small", xg::clip_by_norm{xg::sgd{1.0}, 1.0});
    against_torch("value", xg::clip_by_value{xg::sgd{1.0}, 0.5});
}

TEST_CASE("a clipped optimizer keeps its settings within reach", "[optim]")
{
    auto net = xg::network<pair>();
    auto step = xg::training_step<xg::input<double, 5, 7>, xg::input<double, 7>>(net, loss, xg::clip_by_norm{xg::adam{}, 1.0});
    step.optimizer.learning_rate = 0;
    const xt::xtensor<double, 2> a = xt::ones<double>({5, 7});
    step(a, std::vector<double>(7, 1));
    CHECK(xt::sum(xt::abs(net.parameters()))() == 0);
}
