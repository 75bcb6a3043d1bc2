// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <limits>

namespace
{
    struct scaled
    {
        xg::parameter<float, xg::extents<3>> weight{xg::ones};
        xg::state<float, xg::extents<3>> largest{xg::zeros};
        xg::parameter<float, xg::extents<2>> unused{xg::constant_value(5)};
        xg::state<float, xg::extents<1>> calls{xg::constant_value(7)};

        constexpr auto operator()(auto x) const
        {
            auto before = named(largest * 1);
            largest = xg::max<0>(x);
            calls = calls + 1;
            largest = xg::maximum(largest, xg::max<0>(x)); // the last assignment counts
            return x * weight + before;
        }
    };
    constexpr auto loss = [](const auto& model, auto x) { return sum(model(x)); };
    using batch = xg::batch<4, float, 3>;
}

TEST_CASE("a state keeps what a step assigned to it, and is not trained", "[plan]")
{
    auto net = xg::network<scaled>();
    const auto largest = net[net.model.largest], calls = net[net.model.calls];
    static_assert(net.parameter_count() == 5);
    CHECK(net.parameters().size() == 32); // two parameters, each on a cache line of its own
    auto step = xg::training_step<batch>(net, loss, xg::sgd{.learning_rate = 0.5});
    xt::xtensor<float, 2> x{{1, 2, 3}, {4, -1, 0}};
    CHECK(step(x) == 9);
    CHECK((largest == xt::xtensor<float, 1>{4, 2, 3}));
    CHECK(calls(0) == 8);
    CHECK((net[net.model.weight] == xt::xtensor<float, 1>{-1.5, 0.5, -0.5}));
    CHECK((net[net.model.unused] == xt::xtensor<float, 1>{5, 5}));

    x *= 2;
    x(0, 0) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_AS(step(x), xg::error);
    CHECK((largest == xt::xtensor<float, 1>{4, 2, 3})); // a refused step changes nothing
    CHECK(calls(0) == 8);

    auto predict = xg::prediction<batch>(net);
    const xt::xtensor<float, 2> row{{1, 1, 10}};
    CHECK((predict(row) == xt::xtensor<float, 2>{{2.5, 2.5, -2}}));
    CHECK((largest == xt::xtensor<float, 1>{4, 2, 10}));
    CHECK(predict(row)(0, 2) == 5);
}

TEST_CASE("states have the names of their members, in their order", "[plan]")
{
    auto net = xg::network<scaled>();
    std::vector<std::string> names;
    for (const auto& span : net.spans())
        names.push_back(span.name);
    CHECK(names == std::vector<std::string>{"weight", "largest", "unused", "calls"});
    auto step = xg::training_step<batch>(net, loss, xg::adam{});
    CHECK(step.state().spans.size() == 4); // two moments of two parameters
    const std::string text = xg::to_text(step);
    CHECK_THAT(text, Catch::Contains("largest float[3] = "));
    CHECK_THAT(text, Catch::Contains("calls float[1] = "));
}
