// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/relu.hpp>

namespace
{
    constexpr auto f = [](auto x) { return relu(x); };
    static_assert(check::near(check::constant(f, std::array{-3., 0., 0.5}), std::array{0., 0., 0.5}, 0));

    // the whole of a layer is one statement; a name used twice is computed once, one more
    using matrix = xg::input<float, 5, 7>;
    static_assert(check::statements<matrix, matrix, matrix>([](auto a, auto b, auto c) { return relu(a * b + c); }) == 1);
    static_assert(check::statements<matrix, matrix>(
                      [](auto a, auto b)
                      {
                          auto h = relu(a * b);
                          return h * h + a;
                      }) == 2);
}

TEST_CASE("relu agrees with PyTorch", "[op]")
{
    using matrix = xg::input<double, 5, 7>;
    check::against_torch<matrix, matrix>(f, "elementwise", "relu", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f, "elementwise", "relu", 1e-6);
}

TEST_CASE("relu has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 7>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
}

TEST_CASE("relu is the same wherever an element stands", "[op]") { check::same_everywhere<float>(f, -3, 3); }

TEST_CASE("relu of special values", "[op]")
{
    using check::infinity, check::nan;
    const std::array x{-infinity, -0., 0., 1e-310, infinity, nan}, y{0., 0., 0., 1e-310, infinity, nan};
    CHECK(check::distance(check::values(f, x), y) == 0);
    // at 0 the derivative is 0; that of y (0.3 + y / 2) would be 0.3
    auto program = xg::compile<xg::input<double, 3>>(check::value_and_gradient<decltype(f)>{});
    CHECK(check::distance(std::get<1>(program(std::array{-1., 0., 2.})), std::array{0., 0., 2.3}) < 1e-15);
}
