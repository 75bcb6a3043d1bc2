// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/elu.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::elu(x, 1.5); };
    static_assert(check::near(check::constant(f, std::array{-1., 0.5}), std::array{-0.94818083824283644, 0.5}, 1e-15));
}

TEST_CASE("elu agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "activation", "elu", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "activation", "elu", 1e-6);
}

TEST_CASE("elu has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -4, 4));
}

TEST_CASE("elu is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -4, 4); }

TEST_CASE("elu of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -1000., -1e-20, 0., 3., infinity, nan}, y{-1.5, -1.5, -1.5e-20, 0., 3., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) <= 1e-15);
    auto program = xg::compile<xg::input<double, 3>>(check::value_and_gradient<decltype(f)>{}); // of y (0.3 + y / 2)
    CHECK(check::distance(std::get<1>(program(std::array{-1000., 0., 3.})), std::array{0., 0.45, 3.3}) < 1e-14);
    const auto small = check::values(f, std::array{-1e-20f, -1e-4f});
    CHECK(static_cast<double>(small[0]) == Approx(-1.5e-20).epsilon(1e-6));
    CHECK(static_cast<double>(small[1]) == Approx(-1.499925e-4).epsilon(1e-6));
}
