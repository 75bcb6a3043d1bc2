// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/clamp.hpp>

namespace
{
    constexpr auto f = [](auto x) { return clamp(x, -0.5, 0.5); };
    static_assert(check::near(check::constant(f, std::array{-3., 0.25, 0.75}), std::array{-0.5, 0.25, 0.5}, 0));
}

TEST_CASE("clamp agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "clamp", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "clamp", 1e-6);
}

TEST_CASE("clamp has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}

TEST_CASE("clamp is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("clamp of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -0.5, 0., 0.5, infinity, nan}, y{-0.5, -0.5, 0., 0.5, 0.5, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    // the ends belong to the inside
    auto program = xg::compile<xg::input<double, 4>>(check::value_and_gradient<decltype(f)>{});
    CHECK(check::distance(std::get<1>(program(std::array{-0.5, 0.5, -0.75, 0.75})), std::array{-0.2, 0.8, 0., 0.}) < 1e-15);
    constexpr auto whole = [](auto x) { return clamp(x, -2, 5); };
    CHECK(check::values(whole, std::array<std::int32_t, 3>{-5, 0, 7}) == std::array<std::int32_t, 3>{-2, 0, 5});
}
