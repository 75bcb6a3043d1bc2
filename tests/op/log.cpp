// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/log.hpp>

namespace
{
    constexpr auto f = [](auto x) { return log(x); };
    static_assert(check::near(check::constant(f, std::array{1., 2.718281828459045, 1e-300}),
                              std::array{0., 1., -690.7755278982137}, 1e-15));
}

TEST_CASE("log agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "log", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "log", 1e-6);
}

TEST_CASE("log has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, 0.25, 3));
    check::second_gradients<tensor>(f, check::random<tensor>(2, 0.25, 3));
}

TEST_CASE("log is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, 0.001, 1000.0); }

TEST_CASE("log of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{0., -0., -1., 1e-310, 1e308, infinity, nan},
        y{-infinity, -infinity, nan, -713.8013788281542, 709.1962086421661, infinity, nan};
    CHECK(check::distance(check::values(f, x), y) < 1e-14);
}
