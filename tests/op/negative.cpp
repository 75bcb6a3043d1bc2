// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/negative.hpp>

namespace
{
    constexpr auto f = [](auto x) { return -x; };
    static_assert(check::near(check::constant(f, std::array{-3., 0.5}), std::array{3., -0.5}, 0));
}

TEST_CASE("negative agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "neg", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "neg", 1e-6);
}

TEST_CASE("negative has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}

TEST_CASE("negative is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("negative of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, 0., 7., nan}, y{infinity, -0., -7., nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    CHECK(std::signbit(check::values(f, x)[1]));
    CHECK(check::values(f, std::array<std::int32_t, 3>{-5, 0, 7}) == std::array<std::int32_t, 3>{5, 0, -7});
}
