// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/silu.hpp>

namespace
{
    constexpr auto f = [](auto x) { return silu(x); };
    static_assert(check::near(check::constant(f, std::array{0., 2., -800.}), std::array{0., 1.7615941559557649, 0.}, 1e-15));
}

TEST_CASE("silu agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "silu", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "silu", 1e-6);
}

TEST_CASE("silu has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("silu is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -9, 9); }

TEST_CASE("silu of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-1000., -0., 0., 1000., infinity, nan}, y{0., 0., 0., 1000., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
}
