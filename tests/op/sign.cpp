// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/sign.hpp>

namespace
{
    constexpr auto f = [](auto x) { return sign(x); };
    static_assert(check::near(check::constant(f, std::array{-3., 0., 0.5}), std::array{-1., 0., 1.}, 0));
}

TEST_CASE("sign has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}

TEST_CASE("sign is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("sign of special values", "[op]")
{
    using check::infinity;
    const std::array x{-infinity, -0., 0., 1e-310, infinity}, y{-1., 0., 0., 1., 1.};
    CHECK(check::distance(check::values(f, x), y) == 0);
    CHECK(check::values(f, std::array<std::int32_t, 3>{-5, 0, 7}) == std::array<std::int32_t, 3>{-1, 0, 1});
}
