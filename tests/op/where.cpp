// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/where.hpp>

namespace
{
    constexpr auto f = [](auto a, auto b, auto c) { return where(a > 0, b, c); };
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;

    // condition and choice are one statement, but for a condition on tensors of another type
    static_assert(check::statements<tensor<5>, tensor<5>, tensor<5>>(f) == 1);
    static_assert(check::statements<xg::input<std::int32_t, 5>, tensor<5>, tensor<5>>(f) == 2);
    static_assert(check::constant([](auto x) { return where(x < 0, -x, 7); }, std::array{-3, 5}) == std::array{3, 7});
}

TEST_CASE("where agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<5, 7>, tensor<5, 7>>(f, "elementwise", "where", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<7>, tensor<5, 1>>(f, "elementwise", "where_row", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>, xg::input<float, 7>, xg::input<float, 5, 1>>(
        f, "elementwise", "where_row", 1e-6);
}

TEST_CASE("where has the derivatives that differences give", "[op]")
{
    constexpr auto squares = [](auto a, auto b, auto c) { return where(a > 0, b * b, c * a); };
    check::second_gradients<tensor<3, 1>, tensor<5>, tensor<1>>(
        squares, check::random<tensor<3, 1>>(1, -2, 2), check::random<tensor<5>>(2, -2, 2), check::random<tensor<1>>(3, -2, 2));
}

TEST_CASE("where chooses by masks and by comparisons of integers", "[op]")
{
    using mask = xg::input<bool, 5>;
    using labels = xg::input<std::int32_t, 5>;
    auto program = xg::compile<mask, labels, xg::input<float, 5>>(
        [](auto m, auto l, auto x)
        { return std::make_tuple(where(m, x, 0), where(l == 2, 10 * x, x), where(m, l, -1), where(m == (l > 1), x, -x)); });
    const auto [a, b, c, d] = program(std::array{true, false, true, false, true}, std::array{2, 0, 1, 2, 5},
                                      std::array{1.f, 2.f, 3.f, 4.f, static_cast<float>(check::nan)});
    CHECK(check::distance(a, std::array{1., 0., 3., 0., check::nan}) == 0);
    CHECK(check::distance(b, std::array{10., 2., 3., 40., check::nan}) == 0);
    CHECK(check::distance(c, std::array{2, -1, 1, -1, 5}) == 0);
    CHECK(check::distance(d, std::array{1., 2., -3., -4., check::nan}) == 0);
}

TEST_CASE("where is the same wherever an element stands", "[op]")
{
    check::same_everywhere<float>([](auto x) { return where(x > 0.5, x * x, 1 - x); }, -3, 3);
}

TEST_CASE("where keeps NaN out of values and gradients that are not chosen", "[op]")
{
    auto program = xg::compile<tensor<3>>(xg::with_derivatives<1>(
        [](auto x)
        { return std::make_tuple(where(x > 0, log(x), 0), gradient(sum(where(x > 0, log(where(x > 0, x, 1)), 0)), x)); }));
    const auto [value, slope] = program(std::array{-1., 0., 2.});
    CHECK(check::distance(value, std::array{0., 0., std::log(2.)}) < 1e-15);
    CHECK(check::distance(slope, std::array{0., 0., 0.5}) < 1e-15);
}
