// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/leaky_relu.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::leaky_relu(x, 0.25); };
    static_assert(check::near(check::constant(f, std::array{-3., 0.5}), std::array{-0.75, 0.5}, 0));
}

TEST_CASE("leaky_relu agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "activation", "leaky_relu", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "activation", "leaky_relu", 1e-6);
}

TEST_CASE("leaky_relu has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -3, 3));
}

TEST_CASE("leaky_relu is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("leaky_relu of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -8., 0., 3., infinity, nan}, y{-infinity, -2., 0., 3., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) <= 1e-15);
    auto program = xg::compile<xg::input<double, 3>>(check::value_and_gradient<decltype(f)>{}); // of y (0.3 + y / 2)
    CHECK(check::distance(std::get<1>(program(std::array{-8., 0., 3.})), std::array{0.25 * -1.7, 0.25 * 0.3, 3.3}) < 1e-14);
}
