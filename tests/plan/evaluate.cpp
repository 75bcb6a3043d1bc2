// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

namespace
{
    struct tiny
    {
        xg::linear<2, 3> hidden;
        xg::linear<3, 1> output;
        constexpr auto operator()(auto x) const { return output(relu(hidden(x))); }
    };

    // a network that the compiler runs: relu(W x + b) = (5.5, 11, 0), their sum and 2
    constexpr std::array<float, 13> parameters{1, 2, 3, 4, 5, 6, 0.5f, 0, -100, 1, 1, 1, 2};
    constexpr auto y = xg::evaluate<tiny, xg::input<float, 2>>(parameters, std::array<float, 2>{1, 2});
    static_assert(y.size() == 1 && y[0] == 18.5f);

    struct smooth
    {
        xg::linear<2, 2, double> layer;
        constexpr auto operator()(auto x) const { return xg::softmax(tanh(layer(x))); }
    };
    constexpr std::array<double, 6> weights{0.5, -0.25, 0.125, 1, 0, 0.1};
    constexpr auto p = xg::evaluate<smooth, xg::input<double, 2>>(weights, std::array<double, 2>{1, -1});
    static_assert(p[0] + p[1] > 0.999999999 && p[0] + p[1] < 1.000000001 && p[0] > p[1]);
}

TEST_CASE("the compiler and the program compute the same", "[plan]")
{
    auto net = xg::network<smooth>();
    net[net.model.layer.weight] = xt::xtensor<double, 2>{{0.5, -0.25}, {0.125, 1}};
    net[net.model.layer.bias] = xt::xtensor<double, 1>{0, 0.1};
    auto predict = xg::prediction<xg::input<double, 2>>(net);
    const auto result = predict(std::array<double, 2>{1, -1});
    CHECK(result(0) == Approx(p[0]).epsilon(1e-14));
    CHECK(result(1) == Approx(p[1]).epsilon(1e-14));
}
