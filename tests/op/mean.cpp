// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/mean.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    using cube = tensor<3, 5, 7>;

    template <int... Axes>
    constexpr auto f = [](auto x) { return xg::mean<Axes...>(x); };
    template <int... Axes>
    constexpr auto keeping = [](auto x) { return xg::mean<Axes...>(x, xg::keep_axes); };

    static_assert(check::statements<cube>([](auto x) { return xg::mean<1>(square(x)); }) == 1);
    static_assert(check::near(check::constant([](auto x) { return x - mean(x); }, std::array{1., 2., 6.}),
                              std::array{-2., -1., 3.}, 1e-15));
}

TEST_CASE("mean agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, cube>(f<0>, "reduce", "mean_0", 1e-14);
    check::against_torch<tensor<3, 7>, cube>(f<1>, "reduce", "mean_1", 1e-14);
    check::against_torch<tensor<3, 5>, cube>(f<-1>, "reduce", "mean_2", 1e-14);
    check::against_torch<tensor<5>, cube>(f<0, 2>, "reduce", "mean_02", 1e-14);
    check::against_torch<tensor<7>, cube>(f<0, 1>, "reduce", "mean_01", 1e-14);
    check::against_torch<tensor<3>, cube>(f<-1, -2>, "reduce", "mean_12", 1e-14);
    check::against_torch<tensor<>, cube>(f<>, "reduce", "mean_all", 1e-14);
    check::against_torch<tensor<3, 1, 7>, cube>(keeping<1>, "reduce", "mean_1_keep", 1e-14);
    check::against_torch<tensor<1, 5, 1>, cube>(keeping<0, 2>, "reduce", "mean_02_keep", 1e-14);
    check::against_torch<tensor<1, 1, 1>, cube>(keeping<>, "reduce", "mean_all_keep", 1e-14);
    check::against_torch<xg::input<float, 5>, xg::input<float, 3, 5, 7>>(f<0, 2>, "reduce", "mean_02", 1e-6);
}

TEST_CASE("mean has the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<2, 3, 5>>([](auto x) { return xg::mean<0, 2>(x * x * x); },
                                             check::random<tensor<2, 3, 5>>(1, -2, 2));
}

TEST_CASE("mean over the rows of a batch divides by the rows that exist", "[op]")
{
    check::batches<double, 5, 3>(f<0>);
    check::batches<double, 5, 3>([](auto x) { return x - xg::mean<0, 2>(x, xg::keep_axes) + mean(x); });
    auto program = xg::compile<xg::batch<8, float>>(f<>);
    CHECK(program(std::array{3.f})() == 3);
    CHECK(program(std::array{3.f, 6.f, 0.f})() == 3);
}
