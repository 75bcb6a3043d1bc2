// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/relu6.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::relu6(x); };
    static_assert(check::near(check::constant(f, std::array{-3., 0.5, 8.}), std::array{0., 0.5, 6.}, 0));
}

TEST_CASE("relu6 agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "activation", "relu6", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "activation", "relu6", 1e-6);
}

TEST_CASE("relu6 has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -3, 9));
}

TEST_CASE("relu6 is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 9); }

TEST_CASE("relu6 of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -0., 0., 6., 7., infinity, nan}, y{0., 0., 0., 6., 6., 6., nan};
    CHECK(check::distance(check::values(f, x), y) <= 1e-15);
    auto program = xg::compile<xg::input<double, 5>>(check::value_and_gradient<decltype(f)>{}); // of y (0.3 + y / 2)
    CHECK(check::distance(std::get<1>(program(std::array{-1., 0., 2., 6., 7.})), std::array{0., 0., 2.3, 0., 0.}) < 1e-14);
}
