// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/erf.hpp>

namespace
{
    constexpr auto f = [](auto x) { return erf(x); };
    static_assert(check::near(check::constant(f, std::array{0., 1., -0.25}),
                              std::array{0., 0.8427007929497149, -0.2763263901682369}, 1e-15));
}

TEST_CASE("erf has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("erf is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("erf of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1000., 0., 0.5, 3., 1000., infinity, nan},
        y{-1., -1., 0., 0.5204998778130465, 0.9999779095030014, 1., 1., nan};
    CHECK(check::distance(check::values(f, x), y) < 1e-14);
    CHECK(check::distance(check::values(f, std::array{-2.f, 0.1f, 1.f}),
                          std::array{-0.9953222650, 0.1124629160, 0.8427007929}) < 1e-6);
}
