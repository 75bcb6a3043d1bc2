// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/add.hpp>

namespace
{
    constexpr auto f = [](auto a, auto b) { return a + b; };
    constexpr auto with_numbers = [](auto x) { return 2 + x + 3; };
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    static_assert(check::constant([](auto x) { return x + 2; }, std::array{3, -5}) == std::array{5, -3});

    // the result has the common shape
    using both = check::result_of<decltype(f), tensor<3, 1, 7>, tensor<5, 1>>;
    static_assert(std::is_same_v<both::shape_type, xg::extents<3, 5, 7>>);
    static_assert(std::is_same_v<both::value_type, double>);
    static_assert(check::statements<tensor<5, 7>>(with_numbers) == 1);
}

TEST_CASE("add agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<5, 7>>(f, "elementwise", "add_same", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<7>>(f, "elementwise", "add_row", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<5, 1>>(f, "elementwise", "add_column", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 7>, tensor<1>>(f, "elementwise", "add_one", 1e-14);
    check::against_torch<tensor<3, 5, 7>, tensor<3, 1, 7>, tensor<5, 1>>(f, "elementwise", "add_both", 1e-14);
    check::against_torch<xg::input<float, 3, 5, 7>, xg::input<float, 3, 1, 7>, xg::input<float, 5, 1>>(f, "elementwise",
                                                                                                       "add_both", 1e-6);
}

TEST_CASE("add has the derivatives that differences give", "[op]")
{
    check::gradients<tensor<3, 1>, tensor<5>>(f, check::random<tensor<3, 1>>(1, -2, 2), check::random<tensor<5>>(2, -2, 2));
    // an operand used twice, and numbers on either side
    check::gradients<tensor<5>>([](auto x) { return 2 + x + x + 3; }, check::random<tensor<5>>(3, 0.5, 2));
}

TEST_CASE("add is the same wherever an element stands", "[op]")
{
    check::same_everywhere<float>(with_numbers, -3, 3);
    using check::infinity, check::nan;
    const std::array a{infinity, -infinity, 1e308, nan}, b{-infinity, 1., 1e308, 0.}, y{nan, -infinity, infinity, nan};
    auto program = xg::compile<tensor<4>, tensor<4>>(f);
    CHECK(check::distance(program(a, b), y) == 0);
    auto integers = xg::compile<xg::input<std::int32_t, 2, 2>, xg::input<std::int32_t, 2>>(f);
    const xt::xtensor<std::int32_t, 2> left{{3, -5}, {5, -7}};
    const xt::xtensor<std::int32_t, 1> right{7, 4};
    CHECK((integers(left, right) == xt::eval(left + right)));
}

TEST_CASE("a batch meets a row, a column and one number", "[op]")
{
    check::batches<double, 5, 3>([](auto x) { return x + sum<0>(x, xg::keep_axes) + sum<1>(x, xg::keep_axes) + sum(x); },
                                 1e-14);
}
