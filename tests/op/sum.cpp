// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/sum.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    using cube = tensor<3, 5, 7>;

    template <int... Axes>
    constexpr auto f = [](auto x) { return xg::sum<Axes...>(x); };
    template <int... Axes>
    constexpr auto keeping = [](auto x) { return xg::sum<Axes...>(x, xg::keep_axes); };

    // what is summed is not written down first; a name is
    static_assert(check::statements<cube, tensor<7>>([](auto a, auto b) { return xg::sum<1>(square(a - b) * 2); }) == 1);
    static_assert(check::statements<cube, tensor<7>>(
                      [](auto a, auto b)
                      {
                          auto d = a - b;
                          return xg::sum<1>(d * d);
                      }) == 2);
    static_assert(check::constant([](auto x) { return x + sum(x); }, std::array{1, 2, 3}) == std::array{7, 8, 9});
}

TEST_CASE("sum agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, cube>(f<0>, "reduce", "sum_0", 1e-14);
    check::against_torch<tensor<3, 7>, cube>(f<1>, "reduce", "sum_1", 1e-14);
    check::against_torch<tensor<3, 5>, cube>(f<-1>, "reduce", "sum_2", 1e-14);
    check::against_torch<tensor<5>, cube>(f<0, 2>, "reduce", "sum_02", 1e-14);
    check::against_torch<tensor<7>, cube>(f<0, 1>, "reduce", "sum_01", 1e-14);
    check::against_torch<tensor<3>, cube>(f<-1, -2>, "reduce", "sum_12", 1e-14);
    check::against_torch<tensor<>, cube>(f<>, "reduce", "sum_all", 1e-14);
    check::against_torch<tensor<3, 1, 7>, cube>(keeping<1>, "reduce", "sum_1_keep", 1e-14);
    check::against_torch<tensor<1, 5, 1>, cube>(keeping<0, 2>, "reduce", "sum_02_keep", 1e-14);
    check::against_torch<tensor<1, 1, 1>, cube>(keeping<>, "reduce", "sum_all_keep", 1e-14);
    check::against_torch<xg::input<float, 5>, xg::input<float, 3, 5, 7>>(f<0, 2>, "reduce", "sum_02", 1e-6);
}

TEST_CASE("sum has the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<2, 3, 5>, tensor<5>>([](auto a, auto b) { return xg::sum<1>(a * b * a); },
                                                        check::random<tensor<2, 3, 5>>(1, -2, 2),
                                                        check::random<tensor<5>>(2, -2, 2));
}

TEST_CASE("sum is exact on numbers without rounding, whatever the extents", "[op]")
{
    const auto whole = []<std::ptrdiff_t... Extents>(xg::input<float, Extents...>)
    {
        using type = xg::input<float, Extents...>;
        auto program = xg::compile<type>([](auto x) { return std::make_tuple(xg::sum(x), xg::sum<0>(x), xg::sum<-1>(x)); });
        xt::xtensor<float, sizeof...(Extents)> x = check::random<type>(1, -99, 99);
        x = xt::floor(x);
        const auto [all, first, last] = program(x);
        CHECK(all() == xt::sum(x)());
        CHECK(check::distance(first, xt::eval(xt::sum(x, {0}))) == 0);
        CHECK(check::distance(last, xt::eval(xt::sum(x, {sizeof...(Extents) - 1}))) == 0);
    };
    whole(xg::input<float, 1>{});
    whole(xg::input<float, 331>{});
    whole(xg::input<float, 3, 1, 37>{});
    auto integers = xg::compile<xg::input<std::int32_t, 2, 19>>(f<-1>);
    const xt::xtensor<std::int32_t, 2> x = xt::ones<std::int32_t>({2, 19});
    CHECK(integers(x)(1) == 19);
}

TEST_CASE("sum over the rows of a batch is that of the rows that exist", "[op]")
{
    check::batches<double, 5, 3>(f<0>);
    check::batches<double, 5, 3>([](auto x) { return xg::sum<1>(x * sum(x)); });
}
