// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/gelu_tanh.hpp>

namespace
{
    constexpr auto f = [](auto x) { return gelu_tanh(x); };
    static_assert(check::near(check::constant(f, std::array{0., 1., -2.}),
                              std::array{0., 0.8411919906082768, -0.04540230591222494}, 1e-15));
}

TEST_CASE("gelu_tanh agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "gelu_tanh", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "gelu_tanh", 1e-6);
}

TEST_CASE("gelu_tanh has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("gelu_tanh is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("gelu_tanh of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-1000., 0., 1000., infinity, nan}, y{0., 0., 1000., infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
}
