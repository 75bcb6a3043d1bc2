// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/sqrt.hpp>

namespace
{
    constexpr auto f = [](auto x) { return sqrt(x); };
    static_assert(check::near(check::constant(f, std::array{0., 2., 1e-300}), std::array{0., 1.4142135623730951, 1e-150},
                              1e-16));
}

TEST_CASE("sqrt agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "sqrt", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "sqrt", 1e-6);
}

TEST_CASE("sqrt has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, 0.25, 3));
    check::second_gradients<tensor>(f, check::random<tensor>(2, 0.25, 3));
}

TEST_CASE("sqrt is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, 0, 1000.0); }

TEST_CASE("sqrt of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{0., -0., -1., infinity, nan}, y{0., -0., nan, infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    CHECK(std::signbit(check::values(f, x)[1]));
}
