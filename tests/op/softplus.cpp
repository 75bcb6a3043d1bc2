// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/softplus.hpp>

namespace
{
    constexpr auto f = [](auto x) { return softplus(x); };
    static_assert(check::near(check::constant(f, std::array{0., 2., 1000.}),
                              std::array{0.6931471805599453, 2.1269280110429727, 1000.}, 1e-15));
}

TEST_CASE("softplus agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "softplus", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "softplus", 1e-6);
}

TEST_CASE("softplus has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("softplus is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -9, 9); }

TEST_CASE("softplus of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1000., -40., 1000., infinity, nan}, y{0., 0., 4.248354255291589e-18, 1000., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) < 1e-30);
    auto program = xg::compile<xg::input<float, 4>>(check::value_and_gradient<decltype(f)>{});
    const auto [value, slope] = program(std::array{-1000.f, -50.f, 100.f, 1000.f});
    CHECK(check::distance(value, std::array{0., 1.9287498e-22, 100., 1000.}) < 1e-7);
    CHECK(check::distance(slope, std::array{0., 5.78624941e-23, 100.3, 1000.3}) < 1e-6);
}
