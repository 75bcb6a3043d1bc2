// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/dropout.hpp>

namespace
{
    struct model
    {
        xg::parameter<float, xg::extents<64, 65>> weight{xg::ones};
        constexpr auto operator()(auto x) const { return xg::dropout(x * weight, 0.25); }
    };
    using matrix = xg::input<float, 64, 65>;
    constexpr auto loss = [](const auto& model, auto x) { return sum(model(x)); };
    constexpr auto twice = [](const auto& model, auto x) { return sum(model(x) * model(x)); };
    const xt::xtensor<float, 2> numbers = xt::ones<float>({64, 65});

    // the gradient in the weights is the mask, scaled
    auto masks(std::uint64_t seed, int steps)
    {
        auto net = xg::network<model>(1);
        auto step = xg::training_step<matrix>(net, loss, xg::sgd{0}, seed);
        std::vector<xt::xtensor<float, 2>> result;
        for (int k = 0; k < steps; ++k)
        {
            const float total = step(numbers);
            result.emplace_back(step.gradient(net.model.weight));
            CHECK(xt::sum(result.back())() == Approx(total).epsilon(1e-5)); // the value used the same mask
        }
        return result;
    }
}

TEST_CASE("dropout keeps as much as it should, scaled", "[op]")
{
    const auto mask = masks(3, 1)[0];
    int kept = 0;
    for (const float value : mask)
    {
        CHECK((value == 0 || value == 1 / 0.75f));
        kept += value != 0;
    }
    const double count = 64 * 65;
    CHECK(kept == Approx(0.75 * count).margin(5 * std::sqrt(count * 0.75 * 0.25)));
    // rows and columns alike: no stripes
    const xt::xtensor<float, 1> rows = xt::mean(mask, {1}), columns = xt::mean(mask, {0});
    CHECK(xt::amin(rows)() > 0.6f);
    CHECK(xt::amin(columns)() > 0.6f);
}

TEST_CASE("dropout draws new numbers every step, the same for the same seed", "[op]")
{
    const auto first = masks(7, 3), again = masks(7, 3), other = masks(8, 1);
    for (std::size_t k = 0; k < 3; ++k)
        CHECK((first[k] == again[k]));
    CHECK(first[0] != first[1]);
    CHECK(first[1] != first[2]);
    CHECK(first[0] != other[0]);
}

TEST_CASE("every dropout of a graph draws its own numbers", "[op]")
{
    auto net = xg::network<model>(1);
    auto step = xg::training_step<matrix>(net, twice, xg::sgd{0}, 1);
    const double kept = step(numbers) * 0.75 * 0.75 / (64 * 65);
    CHECK(kept == Approx(0.75 * 0.75).margin(0.04));
}

TEST_CASE("dropout does nothing in prediction", "[op]")
{
    auto net = xg::network<model>(1);
    auto predict = xg::prediction<matrix>(net);
    static_assert(decltype(predict)::graph.view().statements() == 1);
    const auto x = check::random<matrix>(1, -2, 2);
    CHECK((predict(x) == x));
    xg::recorder list;
    list.training = true;
    const auto node = xg::input_node<matrix, 0>(list);
    CHECK(xg::dropout(node, 0).tree.id == node.tree.id);
    REQUIRE_THROWS_WITH(xg::dropout(node, 1), Catch::Contains("from 0 to less than 1"));
    REQUIRE_THROWS_AS(xg::dropout(node, -0.1), xg::range_error);
}
