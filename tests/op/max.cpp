// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/max.hpp>

#include <xtensor/xview.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    using cube = tensor<3, 5, 7>;

    template <int... Axes>
    constexpr auto f = [](auto x) { return xg::max<Axes...>(x); };
    template <int... Axes>
    constexpr auto keeping = [](auto x) { return xg::max<Axes...>(x, xg::keep_axes); };

    static_assert(check::constant([](auto x) { return max(x) - min(x) + x; }, std::array{3, -5, 7}) == std::array{15, 7, 19});
}

TEST_CASE("max agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, cube>(f<0>, "reduce", "max_0", 1e-14);
    check::against_torch<tensor<3, 7>, cube>(f<1>, "reduce", "max_1", 1e-14);
    check::against_torch<tensor<3, 5>, cube>(f<-1>, "reduce", "max_2", 1e-14);
    check::against_torch<tensor<5>, cube>(f<0, 2>, "reduce", "max_02", 1e-14);
    check::against_torch<tensor<7>, cube>(f<0, 1>, "reduce", "max_01", 1e-14);
    check::against_torch<tensor<3>, cube>(f<-1, -2>, "reduce", "max_12", 1e-14);
    check::against_torch<tensor<>, cube>(f<>, "reduce", "max_all", 1e-14);
    check::against_torch<tensor<3, 1, 7>, cube>(keeping<1>, "reduce", "max_1_keep", 1e-14);
    check::against_torch<tensor<1, 5, 1>, cube>(keeping<0, 2>, "reduce", "max_02_keep", 1e-14);
    check::against_torch<tensor<1, 1, 1>, cube>(keeping<>, "reduce", "max_all_keep", 1e-14);
    check::against_torch<xg::input<float, 5>, xg::input<float, 3, 5, 7>>(f<0, 2>, "reduce", "max_02", 1e-6);
}

TEST_CASE("max and min have the derivatives that differences give", "[op]")
{
    check::gradients<tensor<2, 3, 5>, tensor<5>>([](auto a, auto b) { return xg::max<1>(a * b); },
                                                 check::random<tensor<2, 3, 5>>(1, -2, 2), check::random<tensor<5>>(2, 0.5, 2));
    check::gradients<tensor<2, 17>>([](auto x) { return xg::min<1>(x * x); }, check::random<tensor<2, 17>>(3, -2, 2));
}

TEST_CASE("ties share the gradient, also an infinite one", "[op]")
{
    auto program =
        xg::compile<tensor<5>, tensor<>>(xg::with_derivatives<1>([](auto x, auto s) { return gradient(max(x) * s, x); }));
    const std::array x{1., 3., 3., -2., 3.};
    CHECK(check::distance(program(x, xt::xtensor<double, 0>(6.)), std::array{0., 2., 2., 0., 2.}) < 1e-15);
    CHECK(check::distance(program(x, xt::xtensor<double, 0>(check::infinity)),
                          std::array{0., check::infinity, check::infinity, 0., check::infinity}) == 0);
}

TEST_CASE("max of special values and odd extents", "[op]")
{
    using check::infinity, check::nan;
    constexpr auto both = [](auto x) { return std::make_tuple(xg::max<-1>(x), xg::min<-1>(x), xg::max<0>(x)); };
    auto program = xg::compile<tensor<3, 37>>(both);
    xt::xtensor<double, 2> x = check::random<tensor<3, 37>>(1, -9, 9);
    xt::view(x, 1, xt::all()) = -infinity;
    x(2, 36) = nan; // in the remainder of the row
    const auto [largest, smallest, down] = program(x);
    CHECK(check::distance(largest, std::array{xt::amax(xt::view(x, 0, xt::all()))(), -infinity, nan}) == 0);
    CHECK(check::distance(smallest, std::array{xt::amin(xt::view(x, 0, xt::all()))(), -infinity, nan}) == 0);
    CHECK(down(5) == std::max(x(0, 5), x(2, 5)));
    CHECK(std::isnan(down(36)));
    auto integers = xg::compile<xg::input<std::int32_t, 5>>([](auto x) { return std::make_tuple(max(x), min(x)); });
    const auto [high, low] = integers(std::array{-3, -7, -1, -1, -9});
    CHECK(high() == -1);
    CHECK(low() == -9);
}

TEST_CASE("max over the rows of a batch is that of the rows that exist", "[op]") { check::batches<double, 5>(f<0>); }
