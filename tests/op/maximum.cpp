// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/maximum.hpp>

namespace
{
    constexpr auto f = [](auto a, auto b) { return maximum(a, b); };
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    static_assert(check::constant([](auto x) { return maximum(x, 2); }, std::array{3, -5}) == std::array{3, 2});
}

TEST_CASE("maximum agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<5, 7>>(f, "elementwise", "maximum_same", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<7>>(f, "elementwise", "maximum_row", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>, xg::input<float, 7>>(f, "elementwise", "maximum_row",
                                                                                              1e-6);
}

TEST_CASE("maximum has the derivatives that differences give", "[op]")
{
    check::gradients<tensor<3, 1>, tensor<5>>(f, check::random<tensor<3, 1>>(1, -2, 2), check::random<tensor<5>>(2, -2, 2));
}

TEST_CASE("equal operands of maximum share the gradient", "[op]")
{
    auto program = xg::compile<tensor<3>, tensor<3>>(
        xg::with_derivatives<1>([](auto a, auto b) { return gradient(sum(maximum(a, b)), a, b); }));
    const auto [a, b] = program(std::array{1., 2., 3.}, std::array{2., 2., 2.});
    CHECK(check::distance(a, std::array{0., 0.5, 1.}) == 0);
    CHECK(check::distance(b, std::array{1., 0.5, 0.}) == 0);
}

TEST_CASE("maximum is the same wherever an element stands", "[op]")
{
    check::same_everywhere<float>([](auto x) { return maximum(x, 0.25); }, -3, 3);
    using check::infinity, check::nan;
    auto program = xg::compile<tensor<5>, tensor<5>>(f);
    const std::array a{infinity, nan, 1., -infinity, nan}, b{1., 1., nan, 2., nan};
    CHECK(check::distance(program(a, b), std::array{infinity, nan, nan, 2., nan}) == 0);
}
