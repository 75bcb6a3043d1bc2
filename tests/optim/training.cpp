// SPDX-License-Identifier: BSD-3-Clause
#include <plan/models.hpp>

#include <catch2/catch.hpp>

namespace
{
    // a gradient inside the loss: the penalty on the gradient in the input
    struct penalised
    {
        static constexpr int derivatives = 1;
        constexpr auto operator()(const auto& model, auto x) const
        {
            auto y = xg::named(sum(tanh(model(x))));
            auto g = gradient(y, x);
            return y + sum(square(g));
        }
    };
    struct one_layer
    {
        xg::linear<3, 2, double> layer;
        constexpr auto operator()(auto x) const { return layer(x); }
    };

    struct shared
    {
        xg::linear<4, 4, double> used, unused;
        constexpr auto operator()(auto x) const { return used(tanh(used(x))); }
    };
    constexpr auto sum_of = [](const auto& model, auto x) { return sum(model(x)); };

    // the gradient of every parameter against central differences of the loss
    void differences(auto& net, auto loss, const auto& x)
    {
        using inputs = xg::input<double, 2, 3>;
        auto step = xg::training_step<inputs>(net, loss, xg::sgd{0.0});
        step(x);
        auto weight = net[net.model.layer.weight];
        const xt::xtensor<double, 2> g = step.gradient(net.model.layer.weight);
        for (std::size_t i = 0; i < weight.size(); ++i)
        {
            const double before = weight.data()[i], h = 1e-5;
            weight.data()[i] = before + h;
            const double above = step(x);
            weight.data()[i] = before - h;
            const double below = step(x);
            weight.data()[i] = before;
            CHECK(g.data()[i] == Approx((above - below) / (2 * h)).epsilon(1e-6).margin(1e-8));
        }
    }
}

TEST_CASE("a loss may take a gradient itself", "[optim]")
{
    auto net = xg::network<one_layer>(1);
    const xt::xtensor<double, 2> x{{0.1, -0.2, 0.3}, {0.5, 0.7, -0.4}};
    differences(net, penalised{}, x);
}

TEST_CASE("a layer used twice gets both gradients, an unused one none", "[optim]")
{
    auto net = xg::network<shared>(2);
    auto step = xg::training_step<xg::input<double, 1, 4>>(net, sum_of, xg::sgd{0.1});
    const xt::xtensor<double, 2> x{{1, 2, 3, 4}};
    const xt::xtensor<double, 2> unused = net[net.model.unused.weight];
    step(x);
    CHECK((net[net.model.unused.weight] == unused));
    CHECK(xt::sum(xt::abs(step.gradient(net.model.unused.weight)))() == 0);
    CHECK(xt::sum(xt::abs(step.gradient(net.model.used.weight)))() > 0);
    // the bias of the outer use alone has gradient 1; the inner use adds to it
    CHECK(step.gradient(net.model.used.bias)(0) != 1);
}

TEST_CASE("steps count, and learning rate 0 changes nothing", "[optim]")
{
    auto net = xg::network<shared>(2);
    auto step = xg::training_step<xg::input<double, 1, 4>>(net, sum_of, xg::adam{.learning_rate = 0});
    const xt::xtensor<double, 1> before = net.parameters();
    const xt::xtensor<double, 2> x{{1, 2, 3, 4}};
    const double first = step(x);
    CHECK(step(x) == first);
    CHECK(step.steps() == 2);
    CHECK((net.parameters() == before));
}
