// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/abs.hpp>

namespace
{
    constexpr auto f = [](auto x) { return abs(x); };
    static_assert(check::near(check::constant(f, std::array{-3., -0., 0.5}), std::array{3., 0., 0.5}, 0));
}

TEST_CASE("abs agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "abs", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "abs", 1e-6);
}

TEST_CASE("abs has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}

TEST_CASE("abs is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("abs of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -0., 0., nan}, y{infinity, 0., 0., nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    CHECK(!std::signbit(check::values(f, x)[1]));
    constexpr auto compiled = check::constant(f, std::array{-0.});
    CHECK(!std::signbit(compiled[0]));
    CHECK(check::values(f, std::array<std::int32_t, 3>{-5, 0, 7}) == std::array<std::int32_t, 3>{5, 0, 7});
    // at 0 the derivative is 0, so that a(0.3 + a / 2) has none either
    auto program = xg::compile<xg::input<double, 2>>(check::value_and_gradient<decltype(f)>{});
    CHECK(check::distance(std::get<1>(program(std::array{0., -2.})), std::array{0., -2.3}) < 1e-15);
}
