// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/tanh.hpp>

namespace
{
    constexpr auto f = [](auto x) { return tanh(x); };
    constexpr std::array<double, 3> some{-0.5, 0, 20};
    static_assert(check::near(check::constant(f, some), std::array{-0.46211715726000975, 0., 1.}, 1e-15));
}

TEST_CASE("tanh agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "tanh", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "tanh", 1e-6);
}

TEST_CASE("tanh has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("tanh is the same wherever an element stands", "[op]")
{
    check::same_everywhere<float>(f, -3, 3);
    CHECK(check::distance(check::values(f, std::array{-1000., -check::infinity, 0., check::infinity, check::nan}),
                          std::array{-1., -1., 0., 1., check::nan}) == 0);
}

TEST_CASE("tanh of a batch is that of its rows", "[op]") { check::batches<float, 5>(f); }
