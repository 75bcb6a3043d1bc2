// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/mish.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::mish(x); };
    static_assert(check::near(check::constant(f, std::array{0., 2., -800.}), std::array{0., 1.9439589595339946, 0.}, 1e-14));
}

TEST_CASE("mish agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "activation", "mish", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "activation", "mish", 1e-6);
}

TEST_CASE("mish has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::second_gradients<tensor>(f, check::random<tensor>(1, -4, 4));
}

TEST_CASE("mish is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -4, 4); }

TEST_CASE("mish of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-1000., 0., 1000., infinity, nan}, y{0., 0., 1000., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) <= 1e-15);
}
