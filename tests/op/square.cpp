// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/square.hpp>

namespace
{
    constexpr auto f = [](auto x) { return square(x); };
    static_assert(check::near(check::constant(f, std::array{-3., 0., 0.5}), std::array{9., 0., 0.25}, 0));
}

TEST_CASE("square agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "square", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "square", 1e-6);
}

TEST_CASE("square has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("square is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("square of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1e200, -0., infinity, nan}, y{infinity, infinity, 0., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
}
