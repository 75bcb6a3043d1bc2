// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/cast.hpp>

namespace
{
    constexpr auto to_int = [](auto x) { return xg::cast<std::int32_t>(x); };
    constexpr auto to_float = [](auto x) { return xg::cast<float>(x); };
    static_assert(std::is_same_v<check::result_of<decltype(to_float), xg::input<bool, 3>>::value_type, float>);
    static_assert(check::constant(to_int, std::array{-1.75, 2.5}) == std::array{-1, 2});

    // the share of right answers
    constexpr auto accuracy = [](auto x, auto labels) { return mean(xg::cast<float>(xg::argmax(x) == labels)); };
}

TEST_CASE("cast converts as C++ does", "[op]")
{
    CHECK(check::values(to_int, std::array{-1.75, 2.5, 0.}) == std::array{-1, 2, 0});
    CHECK(check::values(to_float, std::array{true, false, true}) == std::array{1.f, 0.f, 1.f});
    CHECK(check::values(to_float, std::array{16777217, -3}) == std::array{16777216.f, -3.f});
    CHECK(check::values(to_float, std::array{0.1, 1e300}) == std::array{0.1f, std::numeric_limits<float>::infinity()});
    CHECK(check::values([](auto x) { return xg::cast<bool>(x); }, std::array{0., -0., 0.5}) == std::array{false, false, true});
    CHECK(check::values([](auto x) { return xg::cast<std::int64_t>(x); }, std::array<std::uint8_t, 2>{255, 0}) ==
          std::array<std::int64_t, 2>{255, 0});
}

TEST_CASE("cast has the derivatives that differences give", "[op]")
{
    // through float, whose steps are too coarse for differences of small steps: a multiple of a power of 2 is exact
    using tensor = xg::input<double, 3>;
    auto program = xg::compile<tensor>(xg::with_derivatives<2>(
        [](auto x)
        {
            auto y = xg::cast<float>(x);
            auto g = gradient(sum(y * y * y), x);
            return std::make_tuple(g, gradient(sum(g), x));
        }));
    const auto [first, second] = program(std::array{1., 2., -3.});
    static_assert(std::is_same_v<std::remove_cvref_t<decltype(first(0))>, double>);
    CHECK(check::distance(first, std::array{3., 12., 27.}) == 0);
    CHECK(check::distance(second, std::array{6., 12., -18.}) == 0);
}

TEST_CASE("accuracy is the mean of right answers of a batch", "[op]")
{
    auto program = xg::compile<xg::batch<8, float, 3>, xg::batch<8, std::int32_t>>(accuracy);
    const xt::xtensor<float, 2> x{{1, 2, 0}, {3, 1, 2}, {0, 1, 5}};
    CHECK(program(x, std::array{1, 0, 2})() == 1.f);
    CHECK(program(x, std::array{1, 2, 0})() == Approx(1 / 3.f));
    const xt::xtensor<float, 2> one{{1, 2, 0}};
    CHECK(program(one, std::array{1})() == 1.f);
}
