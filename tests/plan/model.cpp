// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

namespace
{
    // trains on one small batch until it is learned
    template <class Inputs, class Labels, class T>
    void learns(auto& net, auto loss, double rate, int steps)
    {
        auto step = xg::training_step<Inputs, Labels>(net, loss, xg::adam{rate});
        xt::xtensor<T, 2> x = xt::zeros<T>({6, 8});
        xt::xtensor<std::int32_t, 1> y = xt::zeros<std::int32_t>({6});
        for (std::size_t i = 0; i < 6; ++i)
        {
            x(i, i) = 1;
            y(i) = static_cast<std::int32_t>(i % 2);
        }
        const double first = step(x, y);
        double last = first;
        for (int i = 0; i < steps; ++i)
            last = step(x, y);
        CHECK(first > 0.3);
        CHECK(last < 0.1 * first);
    }
}

TEST_CASE("a loop over an array of layers trains, in float and double", "[plan]")
{
    auto net = xg::network<models::deep<float>>(1);
    learns<xg::batch<8, float, 8>, xg::batch<8, std::int32_t>, float>(net, models::cross_entropy_loss, 1e-3, 60);
    auto precise = xg::network<models::deep<double, 2>>(1);
    learns<xg::batch<8, double, 8>, xg::batch<8, std::int32_t>, double>(precise, models::cross_entropy_loss, 1e-2, 60);
}

TEST_CASE("branches on members are taken while compiling", "[plan]")
{
    auto plain = xg::network<models::branching>(1);
    auto deep = xg::network<models::branching{.deep = true}>(1);
    auto predict_plain = xg::prediction<xg::batch<4, float, 8>>(plain);
    auto predict_deep = xg::prediction<xg::batch<4, float, 8>>(deep);
    static_assert(predict_plain.graph.view().statements() == 2);
    static_assert(predict_deep.graph.view().statements() == 3);
    learns<xg::batch<8, float, 8>, xg::batch<8, std::int32_t>, float>(deep, models::cross_entropy_loss, 1e-2, 100);
}

TEST_CASE("a recurrent network is a loop over 64 steps", "[plan]")
{
    auto net = xg::network<models::char_rnn>(1);
    auto step = xg::training_step<xg::input<std::int32_t, 64, 4>, xg::input<float, 4, 16>, xg::input<std::int32_t, 4>>(
        net, models::sequence_loss, xg::clip_by_norm{xg::adam{1e-2}, 1.0});
    xt::xtensor<std::int32_t, 2> text = xt::empty<std::int32_t>({64, 4});
    xt::xtensor<float, 2> state = xt::zeros<float>({4, 16});
    xt::xtensor<std::int32_t, 1> next = xt::empty<std::int32_t>({4});
    for (std::size_t k = 0; k < 4; ++k)
    {
        for (std::size_t t = 0; t < 64; ++t)
            text(t, k) = static_cast<std::int32_t>((t * (k + 1)) % 12);
        next(k) = static_cast<std::int32_t>((64 * (k + 1)) % 12);
    }
    const float first = step(text, state, next);
    float last = first;
    for (int i = 0; i < 100; ++i)
        last = step(text, state, next);
    CHECK(last < 0.1f * first);
}

TEST_CASE("the same seed gives the same numbers", "[plan]")
{
    const auto run = [](std::uint64_t seed)
    {
        auto net = xg::network<models::residual>(seed);
        auto step =
            xg::training_step<xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>(net, models::cross_entropy_loss, xg::adam{});
        xt::xtensor<float, 2> x = xt::ones<float>({8, 32});
        xt::xtensor<std::int32_t, 1> y = xt::zeros<std::int32_t>({8});
        for (int i = 0; i < 20; ++i)
            step(x, y);
        return xt::xtensor<float, 1>(net.parameters());
    };
    CHECK((run(7) == run(7)));
    CHECK((run(7) != run(8)));
}

TEST_CASE("parameters are xtensors under their members' names", "[plan]")
{
    auto net = xg::network<models::deep<float, 2>>(1);
    net[net.model.blocks[1].inner.bias].fill(3.f);
    auto bias = net[net.model.blocks[1].inner.bias];
    CHECK(xt::sum(bias)() == 48.f);
    const auto spans = net.spans();
    const auto found = std::find_if(spans.begin(), spans.end(), [](const auto& s) { return s.name == "blocks.1.inner.bias"; });
    REQUIRE(found != spans.end());
    CHECK(reinterpret_cast<const float*>(found->data)[7] == 3.f);
    CHECK(spans.front().name == "first.weight");
    CHECK(xg::to_string(spans.front().extents) == "[16, 8]");
    CHECK(std::abs(xt::mean(net[net.model.first.weight])()) < 0.1f);
    CHECK(xt::amax(xt::abs(net[net.model.first.weight]))() <= 1 / std::sqrt(8.f));
}
