// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/hardsigmoid.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::hardsigmoid(x); };
    static_assert(check::near(check::constant(f, std::array{-9., 0., 1.5}), std::array{0., 0.5, 0.75}, 1e-15));
}

TEST_CASE("hardsigmoid agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "activation", "hardsigmoid", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "activation", "hardsigmoid", 1e-6);
}

TEST_CASE("hardsigmoid has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -4, 4));
}

TEST_CASE("hardsigmoid is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -4, 4); }

TEST_CASE("hardsigmoid of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -3., 0., 3., infinity, nan}, y{0., 0., 0.5, 1., 1., nan};
    CHECK(check::distance(check::values(f, x), y) <= 1e-15);
    auto program = xg::compile<xg::input<double, 5>>(check::value_and_gradient<decltype(f)>{}); // of y (0.3 + y / 2)
    CHECK(check::distance(std::get<1>(program(std::array{-4., -3., 0., 3., 4.})), std::array{0., 0., 0.8 / 6, 0., 0.}) < 1e-14);
}
