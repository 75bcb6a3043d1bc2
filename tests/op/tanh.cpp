// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/tanh.hpp>

namespace
{
    constexpr auto f = [](auto x) { return tanh(x); };
    using F = std::remove_const_t<decltype(f)>;
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
