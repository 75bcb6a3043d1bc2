// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/exp.hpp>

namespace
{
    constexpr auto f = [](auto x) { return exp(x); };
    static_assert(check::near(check::constant(f, std::array{0., 1., -2.5}),
                              std::array{1., 2.718281828459045, 0.0820849986238988}, 1e-15));
}

TEST_CASE("exp agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "exp", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "exp", 1e-6);
}

TEST_CASE("exp has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("exp is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -80, 80); }

TEST_CASE("exp of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1000., 0., 709., 1000., infinity, nan},
        y{0., 0., 1., 8.218407461554972e307, infinity, infinity, nan};
    CHECK(check::distance(check::values(f, x), y) < 1e-14);
    CHECK(check::distance(check::values(f, std::array{-200.f, 88.f, 89.f}), std::array{0., 1.6516363e38, infinity}) < 1e-6);
}
