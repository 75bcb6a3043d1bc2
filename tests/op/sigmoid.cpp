// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/sigmoid.hpp>

namespace
{
    constexpr auto f = [](auto x) { return sigmoid(x); };
    static_assert(check::near(check::constant(f, std::array{0., 2., -40.}),
                              std::array{0.5, 0.8807970779778823, 4.248354255291589e-18}, 1e-16));
}

TEST_CASE("sigmoid agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "sigmoid", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "sigmoid", 1e-6);
}

TEST_CASE("sigmoid has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("sigmoid is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -9, 9); }

TEST_CASE("sigmoid of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1000., 0., 1000., infinity, nan}, y{0., 0., 0.5, 1., 1., nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    // far out, neither value nor gradient is NaN
    auto program = xg::compile<xg::input<float, 4>>(check::value_and_gradient<decltype(f)>{});
    const auto [value, slope] = program(std::array{-1000.f, -100.f, 100.f, 1000.f});
    CHECK(check::distance(value, std::array{0., 0., 1., 1.}) < 1e-30);
    CHECK(check::distance(slope, std::array{0., 0., 0., 0.}) < 1e-30);
}
