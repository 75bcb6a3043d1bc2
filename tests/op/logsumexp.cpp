// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/logsumexp.hpp>

#include <xtensor/xview.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    using cube = tensor<3, 5, 7>;

    template <int... Axes>
    constexpr auto f = [](auto x) { return xg::logsumexp<Axes...>(x); };
    template <int... Axes>
    constexpr auto keeping = [](auto x) { return xg::logsumexp<Axes...>(x, xg::keep_axes); };

    static_assert(check::near(check::constant([](auto x) { return x - logsumexp(x); }, std::array{1000., 1000.}),
                              std::array{-0.6931471805599453, -0.6931471805599453}, 1e-12));
}

TEST_CASE("logsumexp agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<5, 7>, cube>(f<0>, "reduce", "logsumexp_0", 1e-14);
    check::against_torch<tensor<3, 7>, cube>(f<1>, "reduce", "logsumexp_1", 1e-14);
    check::against_torch<tensor<3, 5>, cube>(f<-1>, "reduce", "logsumexp_2", 1e-14);
    check::against_torch<tensor<5>, cube>(f<0, 2>, "reduce", "logsumexp_02", 1e-14);
    check::against_torch<tensor<7>, cube>(f<0, 1>, "reduce", "logsumexp_01", 1e-14);
    check::against_torch<tensor<3>, cube>(f<-1, -2>, "reduce", "logsumexp_12", 1e-14);
    check::against_torch<tensor<>, cube>(f<>, "reduce", "logsumexp_all", 1e-14);
    check::against_torch<tensor<3, 1, 7>, cube>(keeping<1>, "reduce", "logsumexp_1_keep", 1e-14);
    check::against_torch<tensor<1, 5, 1>, cube>(keeping<0, 2>, "reduce", "logsumexp_02_keep", 1e-14);
    check::against_torch<tensor<1, 1, 1>, cube>(keeping<>, "reduce", "logsumexp_all_keep", 1e-14);
    check::against_torch<xg::input<float, 5>, xg::input<float, 3, 5, 7>>(f<0, 2>, "reduce", "logsumexp_02", 1e-6);
}

TEST_CASE("logsumexp has the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<3, 5>>([](auto x) { return xg::logsumexp<0>(x * x); },
                                          check::random<tensor<3, 5>>(1, -2, 2));
}

TEST_CASE("logsumexp does not overflow, and knows infinities", "[op]")
{
    using check::infinity, check::nan;
    auto program = xg::compile<xg::input<float, 6, 3>>(xg::with_derivatives<1>(
        [](auto x)
        {
            auto y = xg::logsumexp<1>(x);
            return std::make_tuple(y, gradient(sum(y), x));
        }));
    const xt::xtensor<float, 2> x{{1e4f, 0, 1e4f},
                                  {-1e4f, -1e4f, -1e4f},
                                  {0, float(-infinity), float(-infinity)},
                                  {float(-infinity), float(-infinity), float(-infinity)},
                                  {float(infinity), 0, 1},
                                  {float(nan), 0, 1}};
    const auto [y, slope] = program(x);
    CHECK(check::distance(y, std::array{1e4 + std::log(2.), -1e4 + std::log(3.), 0., -infinity, infinity, nan}) < 1e-6);
    CHECK(check::distance(xt::view(slope, xt::range(0, 3), xt::all()),
                          xt::xtensor<double, 2>{{0.5, 0, 0.5}, {1 / 3., 1 / 3., 1 / 3.}, {1, 0, 0}}) < 1e-6);
}

TEST_CASE("logsumexp over the rows of a batch is that of the rows that exist", "[op]") { check::batches<double, 5>(f<0>); }
