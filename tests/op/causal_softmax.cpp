// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/causal_softmax.hpp>

namespace
{
    using attention = xg::input<double, 2, 3, 7, 7>;
    constexpr auto f = [](auto x) { return xg::causal_softmax(x); };
    constexpr auto of_four = [](auto x) { return xg::reshape<4>(xg::causal_softmax(xg::reshape<2, 2>(x))); };
    constexpr std::array<double, 4> some{1, 5, 2, 2};
    static_assert(check::near(check::constant(of_four, some), std::array{1., 0., 0.5, 0.5}, 1e-15));
    static_assert(check::statements<attention>([](auto x) { return xg::causal_softmax(x) * 2; }) == 1);
}

TEST_CASE("causal_softmax agrees with PyTorch", "[op]")
{
    check::against_torch<attention, attention>(f, "nn", "causal_softmax", 1e-14);
    check::against_torch<xg::input<double, 3, 5>, xg::input<double, 3, 5>>(f, "nn", "causal_softmax_past", 1e-14);
    using floats = xg::input<float, 2, 3, 7, 7>;
    check::against_torch<floats, floats>(f, "nn", "causal_softmax", 1e-6);
}

TEST_CASE("causal_softmax has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 2, 3>;
    check::second_gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}
