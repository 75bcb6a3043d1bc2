// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/pow.hpp>

namespace
{
    constexpr auto f = [](auto a, auto b) { return pow(a, b); };
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    static_assert(check::near(check::constant([](auto x) { return pow(x, 2.5); }, std::array{0., 1., 2.}),
                              std::array{0., 1., 5.656854249492381}, 1e-15));
}

TEST_CASE("pow agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<5, 7>>(f, "elementwise", "pow", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<7>>(f, "elementwise", "pow_row", 1e-14);
    constexpr auto scalar = [](auto x) { return pow(x, 2.5); };
    check::against_torch<tensor<5, 7>, tensor<5, 7>>(scalar, "elementwise", "pow_scalar", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(scalar, "elementwise", "pow_scalar", 1e-6);
}

TEST_CASE("pow has the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<3, 1>, tensor<5>>(f, check::random<tensor<3, 1>>(1, 0.5, 2),
                                                     check::random<tensor<5>>(2, -2, 2));
    check::gradients<tensor<5>>([](auto x) { return pow(x, 3); }, check::random<tensor<5>>(3, -2, 2));
    check::gradients<tensor<5>>([](auto x) { return pow(2, x); }, check::random<tensor<5>>(3, -2, 2));
}

TEST_CASE("pow is the same wherever an element stands", "[op]")
{
    check::same_everywhere<float>([](auto x) { return pow(x, 1.75); }, 0, 3);
}

TEST_CASE("pow of special values is that of std::pow", "[op]")
{
    using check::infinity, check::nan;
    const std::array a{0., 0., 0., nan, -2., -2., 1., infinity, 10., -8., 0.5, 2., nan},
        b{0., 2., -1., 0., 3., 0.5, infinity, -1., 400., 2., infinity, nan, 1.};
    std::array<double, a.size()> y;
    std::transform(a.begin(), a.end(), b.begin(), y.begin(), [](double x, double e) { return std::pow(x, e); });
    auto program = xg::compile<tensor<13>, tensor<13>>(f);
    CHECK(check::distance(program(a, b), y) < 1e-14);
}

TEST_CASE("pow has the right slope at 0", "[op]")
{
    const auto slope = [](auto f) { return xg::compile<tensor<2>>(xg::with_derivatives<1>(f)); };
    const std::array x{0., -3.};
    CHECK(check::distance(slope([](auto x) { return gradient(sum(pow(x, 1)), x); })(x), std::array{1., 1.}) == 0);
    CHECK(check::distance(slope([](auto x) { return gradient(sum(pow(x, 2)), x); })(x), std::array{0., -6.}) < 1e-14);
    CHECK(check::distance(slope([](auto x) { return gradient(sum(pow(x, 0)), x); })(x), std::array{0., 0.}) == 0);
}
