// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace
{
    auto random_images(std::size_t rows, unsigned seed)
    {
        xt::xtensor<float, 2> x = xt::empty<float>({rows, std::size_t{32}});
        std::mt19937 generator(seed);
        std::uniform_real_distribution<float> uniform(-1, 1);
        for (auto& value : x)
            value = uniform(generator);
        return x;
    }
    auto some_labels(std::size_t rows)
    {
        xt::xtensor<std::int32_t, 1> y = xt::empty<std::int32_t>({rows});
        for (std::size_t i = 0; i < rows; ++i)
            y(i) = static_cast<std::int32_t>(i % 4);
        return y;
    }

    // a training step for exactly this many rows
    template <std::ptrdiff_t Rows>
    void same_as_exact()
    {
        INFO(Rows << " rows");
        auto bounded_net = xg::network<models::residual>(3), exact_net = xg::network<models::residual>(3);
        auto bounded = xg::training_step<xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>(
            bounded_net, models::cross_entropy_loss, xg::sgd{0.1});
        auto exact = xg::training_step<xg::input<float, Rows, 32>, xg::input<std::int32_t, Rows>>(
            exact_net, models::cross_entropy_loss, xg::sgd{0.1});
        const auto all = random_images(8, 1);
        const auto all_labels = some_labels(8);
        bounded(all, all_labels); // leaves full buffers behind
        std::copy_n(bounded_net.data(), bounded_net.size(), exact_net.data());
        const auto x = random_images(Rows, 2); // exactly as large as the batch, so that a read past it is seen
        const auto y = some_labels(Rows);
        CHECK(bounded(x, y) == Approx(exact(x, y)).epsilon(1e-6).margin(1e-6));
        CHECK(xt::allclose(bounded_net.parameters(), exact_net.parameters(), 1e-5, 1e-6));
    }
}

TEST_CASE("one program serves any batch up to the bound", "[plan]")
{
    same_as_exact<1>();
    same_as_exact<3>();
    same_as_exact<7>();
    same_as_exact<8>();
}

TEST_CASE("rows beyond the batch are not touched", "[plan]")
{
    auto net = xg::network<models::residual>(1);
    auto predict = xg::prediction<xg::batch<8, float, 32>>(net);
    const auto x = random_images(8, 1);
    const xt::xtensor<float, 2> all = predict(x);
    const auto three = predict(random_images(3, 1));
    CHECK(three.shape()[0] == 3);
    // rows do not depend on each other, but for the rounding of a product that is cut into tiles in another way
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t k = 0; k < 4; ++k)
            CHECK(three(row, k) == Approx(all(row, k)).epsilon(1e-6).margin(1e-6));
}

TEST_CASE("memory of rows beyond the batch keeps what it held", "[plan]")
{
    auto f = xg::compile<xg::batch<8, float, 5>>([](auto x) { return x * 2; });
    xt::xtensor<float, 2> full = xt::ones<float>({8, 5}), few = xt::zeros<float>({3, 5});
    f(full);
    const auto result = f(few);
    CHECK(result.size() == 15);
    for (std::size_t k = 0; k < 40; ++k)
        CHECK(result.data()[k] == (k < 15 ? 0.f : 2.f));
}

TEST_CASE("a wrong batch is refused with what was expected and what came", "[plan]")
{
    using Catch::Contains;
    auto net = xg::network<models::residual>(1);
    auto step =
        xg::training_step<xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>(net, models::cross_entropy_loss, xg::sgd{});
    const xt::xtensor<float, 1> before = net.parameters();
    CHECK_THROWS_WITH(step(random_images(9, 1), some_labels(9)), Contains("input 0 must be float[<=8, 32], but [9, 32] came"));
    CHECK_THROWS_WITH(step(random_images(8, 1), some_labels(7)), Contains("input 1 must be int32[<=8]"));
    const xt::xtensor<float, 2> narrow = xt::ones<float>({8, 31}), none = xt::ones<float>({0, 32});
    CHECK_THROWS_AS(step(narrow, some_labels(8)), xg::shape_error);
    CHECK_THROWS_AS(step(none, some_labels(0)), xg::shape_error);
    auto wrong = some_labels(8);
    wrong(5) = 4;
    CHECK_THROWS_WITH(step(random_images(8, 1), wrong), Contains("label number 5 is 4, but must be from 0 to 3"));
    wrong(5) = -1;
    CHECK_THROWS_AS(step(random_images(8, 1), wrong), xg::range_error);
    auto nan = random_images(8, 1);
    nan(2, 3) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH(step(nan, some_labels(8)), Contains("the loss of step 0 is nan") && Contains("parameters are unchanged"));
    CHECK((net.parameters() == before)); // nothing was half done
    CHECK(step.steps() == 0);
    CHECK(std::isfinite(step(random_images(8, 1), some_labels(8))));
}

TEST_CASE("inputs come as containers, views, expressions and ranges", "[plan]")
{
    auto f = xg::compile<xg::input<float, 4>>([](auto x) { return x * 2; });
    const std::vector<float> vector{1, 2, 3, 4};
    const std::array<double, 4> array{1, 2, 3, 4};
    const xt::xtensor<float, 1> tensor{1, 2, 3, 4};
    const xt::xarray<int> dynamic{1, 2, 3, 4};
    CHECK(f(vector)(3) == 8);
    CHECK(f(array)(2) == 6);
    CHECK(f(tensor)(1) == 4);
    CHECK(f(dynamic)(0) == 2);
    CHECK(f(tensor + 1)(0) == 4);
    CHECK_THROWS_AS(f(std::vector<float>{1, 2}), xg::shape_error);
}

TEST_CASE("a result can be handed in again", "[plan]")
{
    auto f = xg::compile<xg::batch<4, float, 2>, xg::batch<4, float, 2>>(
        [](auto x, auto y)
        {
            auto sum = named(x + y);
            return sum * sum - x;
        });
    const xt::xtensor<float, 2> one = xt::ones<float>({2, 2});
    auto state = f(one, one); // 3
    state = f(state, one);    // 13
    state = f(one, state);    // 195
    state = f(state, state);
    CHECK(state(1, 1) == 4 * 195 * 195 - 195);
    CHECK(state(0, 0) == state(1, 1));
}
