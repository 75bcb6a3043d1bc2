// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/cross_entropy.hpp>

#include <xtensor/xview.hpp>

namespace
{
    constexpr auto f = [](auto x, auto labels) { return xg::cross_entropy(x, labels); };
    constexpr auto rows = [](auto x, auto labels) { return xg::cross_entropy_of_rows(x, labels); };
    template <class T, class Label>
    using program_type =
        decltype(xg::compile<xg::input<T, 5, 7>, xg::input<Label, 5>, xg::input<T>>(check::weighted<decltype(f)>{}));

    template <class T, class Label = std::int32_t>
    void against_torch(const std::string& name, double tolerance)
    {
        INFO(name);
        const reference torch{"nn"};
        auto program = program_type<T, Label>();
        const auto [y, da, labels] =
            program(check::from_reference<xg::input<T, 5, 7>>(torch, name + "/a"), torch.integers(name + "/labels"),
                    check::from_reference<xg::input<T>>(torch, name + "/w"));
        CHECK(check::distance(y, torch(name + "/y").values) <= tolerance);
        CHECK(check::distance(da, torch(name + "/da").values) <= tolerance);
    }
}

TEST_CASE("cross_entropy agrees with PyTorch", "[op]")
{
    against_torch<double>("cross_entropy", 1e-14);
    against_torch<double, std::uint8_t>("cross_entropy_large", 1e-14);
    against_torch<float>("cross_entropy", 1e-6);
}

TEST_CASE("cross_entropy has the derivatives that differences give", "[op]")
{
    using logits = xg::input<double, 2, 3, 5>;
    using labels = xg::input<std::int64_t, 2, 3>;
    const auto l = check::random<labels>(1, 0, 5);
    check::second_gradients<logits, labels>(rows, check::random<logits>(2, -2, 2), l);
}

TEST_CASE("cross_entropy does not overflow", "[op]")
{
    using check::infinity;
    auto program = xg::compile<xg::input<float, 3, 2>, xg::input<std::int32_t, 3>>(
        [](auto x, auto l) { return std::make_tuple(xg::cross_entropy_of_rows(x, l), xg::argmax(x) == l); });
    const xt::xtensor<float, 2> x{{1e30f, -1e30f}, {1e4f, 0}, {float(-infinity), 0}};
    const auto [loss, right] = program(x, std::array{0, 1, 0});
    CHECK(check::distance(loss, std::array{0., 1e4, infinity}) == 0);
    CHECK(check::distance(right, std::array{1, 0, 0}) == 0);
}

TEST_CASE("cross_entropy of a batch is the mean of the rows that exist", "[op]")
{
    auto program = xg::compile<xg::batch<8, double, 5>, xg::batch<8, std::int32_t>>(
        xg::with_derivatives<1>([](auto x, auto l) { return std::make_tuple(f(x, l), gradient(f(x, l), x)); }));
    auto single = xg::compile<xg::input<double, 1, 5>, xg::input<std::int32_t, 1>>(f);
    for (const std::size_t count : {8u, 1u, 3u})
    {
        const auto x = check::random<xg::batch<8, double, 5>>(3, -2, 2, static_cast<int>(count));
        const auto labels = check::random<xg::batch<8, std::int32_t>>(4, 0, 5, static_cast<int>(count));
        double mean = 0;
        for (std::size_t row = 0; row < count; ++row)
            mean += single(xt::eval(xt::view(x, xt::range(row, row + 1), xt::all())), std::array{labels(row)})() /
                    static_cast<double>(count);
        const auto [loss, slope] = program(x, labels);
        CHECK(loss() == Approx(mean).epsilon(1e-14));
        REQUIRE(slope.shape()[0] == count);
        CHECK(xt::sum(slope)() == Approx(0).margin(1e-14));
        CHECK(slope(0, static_cast<std::size_t>(labels(0))) < 0);
    }
}

TEST_CASE("a label out of range is refused", "[op]")
{
    auto program = xg::compile<xg::batch<8, float, 4>, xg::batch<8, std::int32_t>>(f);
    const xt::xtensor<float, 2> x = xt::zeros<float>({3, 4});
    REQUIRE_THROWS_WITH(program(x, std::array{0, 3, 4}),
                        Catch::Contains("cross_entropy: label number 2 is 4, but must be from 0 to 3"));
    REQUIRE_THROWS_AS(program(x, std::array{-1, 0, 0}), xg::range_error);
    CHECK(program(x, std::array{0, 3, 1})() == Approx(std::log(4.f)));
}
