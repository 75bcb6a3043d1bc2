// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/gelu.hpp>

namespace
{
    constexpr auto f = [](auto x) { return gelu(x); };
    static_assert(check::near(check::constant(f, std::array{0., 1., -2.}),
                              std::array{0., 0.8413447460685429, -0.04550026389635842}, 1e-15));
}

TEST_CASE("gelu agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "gelu", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "gelu", 1e-6);
}

TEST_CASE("gelu has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("gelu is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("gelu of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-1000., 0., 1000., infinity, nan}, y{0., 0., 1000., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
}
