// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

namespace
{
    struct all
    {
        xg::parameter<float, xg::extents<100, 200>> kaiming{xg::kaiming_normal(200)};
        xg::parameter<float, xg::extents<100, 200>> kaiming_flat{xg::kaiming_uniform(200)};
        xg::parameter<float, xg::extents<100, 200>> xavier{xg::xavier_normal(200, 100)};
        xg::parameter<float, xg::extents<100, 200>> xavier_flat{xg::xavier_uniform(200, 100)};
        xg::parameter<float, xg::extents<100, 200>> bell{xg::normal(0.02)};
        xg::parameter<float, xg::extents<7>> zero{xg::zeros}, one{xg::ones}, two{xg::constant_value(2)};
        constexpr auto operator()(auto x) const { return x; }
    };

    struct custom
    {
        xg::linear<4, 2> head{.weight = {xg::zeros}, .bias = {xg::constant_value(0.5)}};
        constexpr auto operator()(auto x) const { return head(x); }
    };

    void has(const auto& values, double deviation, double largest)
    {
        const double mean = xt::mean(values)(), variance = xt::mean(xt::square(values))();
        CHECK(std::abs(mean) < 5 * deviation / std::sqrt(20000.0));
        CHECK(std::sqrt(variance) == Approx(deviation).epsilon(0.03));
        CHECK(xt::amax(xt::abs(values))() <= largest);
    }
}

TEST_CASE("initialisers have the variance they name", "[nn]")
{
    auto net = xg::network<all>(1);
    has(net[net.model.kaiming], std::sqrt(2.0 / 200), 1);
    has(net[net.model.kaiming_flat], std::sqrt(2.0 / 200), std::sqrt(6.0 / 200));
    has(net[net.model.xavier], std::sqrt(2.0 / 300), 1);
    has(net[net.model.xavier_flat], std::sqrt(2.0 / 300), std::sqrt(6.0 / 300));
    has(net[net.model.bell], 0.02, 0.12);
    CHECK(xt::sum(net[net.model.zero])() == 0);
    CHECK(xt::sum(net[net.model.one])() == 7);
    CHECK(xt::sum(net[net.model.two])() == 14);
    CHECK(net[net.model.kaiming](0, 0) != net[net.model.bell](0, 0)); // every parameter has numbers of its own
}

TEST_CASE("a model may say how a layer starts", "[nn]")
{
    auto net = xg::network<custom>(1);
    CHECK(xt::sum(net[net.model.head.weight])() == 0);
    CHECK(xt::sum(net[net.model.head.bias])() == 1);
}
