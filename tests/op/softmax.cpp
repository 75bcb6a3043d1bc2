// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/softmax.hpp>

#include <xtensor/xview.hpp>

namespace
{
    using matrix = xg::input<double, 5, 7>;
    template <int Axis>
    constexpr auto f = [](auto x) { return xg::softmax<Axis>(x); };
    template <int Axis>
    constexpr auto logarithm = [](auto x) { return xg::log_softmax<Axis>(x); };
    constexpr std::array<double, 3> some{1000, 1000, 0};
    static_assert(check::near(check::constant(f<-1>, some), std::array{0.5, 0.5, 0.}, 1e-15));
    static_assert(check::near(check::constant(logarithm<0>, some),
                              std::array{-0.6931471805599453, -0.6931471805599453, -1000.6931471805599}, 1e-12));
    static_assert(check::statements<matrix>([](auto x) { return xg::softmax(x) * 2; }) == 1);
}

TEST_CASE("softmax agrees with PyTorch", "[op]")
{
    check::against_torch<matrix, matrix>(f<-1>, "nn", "softmax_last", 1e-14);
    check::against_torch<matrix, matrix>(f<0>, "nn", "softmax_0", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(f<1>, "nn", "softmax_last", 1e-6);
}

TEST_CASE("log_softmax agrees with PyTorch", "[op]")
{
    check::against_torch<matrix, matrix>(logarithm<-1>, "nn", "log_softmax_last", 1e-14);
    check::against_torch<matrix, matrix>(logarithm<0>, "nn", "log_softmax_0", 1e-14);
    check::against_torch<xg::input<float, 5, 7>, xg::input<float, 5, 7>>(logarithm<1>, "nn", "log_softmax_last", 1e-6);
}

TEST_CASE("softmax has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 2, 3>;
    check::second_gradients<tensor>(f<1>, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(logarithm<1>, check::random<tensor>(2, -2, 2));
    check::second_gradients<tensor>(f<0>, check::random<tensor>(3, -2, 2));
}

TEST_CASE("softmax of long and of extreme rows", "[op]")
{
    using check::infinity, check::nan;
    auto program =
        xg::compile<xg::input<float, 5, 37>>([](auto x) { return std::make_tuple(xg::softmax(x), xg::log_softmax(x)); });
    xt::xtensor<float, 2> x = check::random<xg::input<float, 5, 37>>(1, -9, 9);
    xt::view(x, 1, xt::all()) *= 1e37f;
    xt::view(x, 2, xt::all()) = -infinity;
    x(3, 36) = static_cast<float>(nan);
    xt::view(x, 4, xt::range(1, 37)) = -infinity;
    const auto [y, l] = program(x);
    CHECK(xt::sum(xt::view(y, 0, xt::all()))() == Approx(1).epsilon(1e-6));
    CHECK(xt::sum(xt::view(y, 1, xt::all()))() == 1);
    CHECK(xt::amax(xt::view(l, 1, xt::all()))() == 0);
    for (std::size_t k = 0; k < 37; ++k)
    {
        CHECK(l(0, k) == Approx(std::log(y(0, k))).epsilon(1e-5));
        CHECK(std::isnan(y(2, k))); // 0 / 0, as in PyTorch
        CHECK(std::isnan(y(3, k)));
        CHECK(y(4, k) == (k == 0));
        CHECK(l(4, k) == (k == 0 ? 0 : -infinity));
    }
}

TEST_CASE("softmax of a batch is that of its rows", "[op]")
{
    check::batches<double, 5>(f<1>);
    check::batches<double, 5>(logarithm<0>);
}

namespace
{
    // short rows go several at a time, long ones alone: 1 to 70 columns on either side of every vector width
    template <int Columns>
    void against_definition()
    {
        using tensor = xg::batch<131, double, Columns>;
        auto program = xg::compile<tensor>([](auto x) { return std::make_tuple(xg::softmax(x), xg::log_softmax(x)); });
        for (const std::size_t rows : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{131}})
        {
            const xt::xtensor<double, 2> x =
                xt::view(check::random<xg::input<double, 131, Columns>>(1, -3, 3), xt::range(0, rows), xt::all());
            const auto [y, l] = program(x);
            double worst = 0;
            for (std::size_t row = 0; row < rows; ++row)
            {
                double sum = 0;
                for (std::size_t k = 0; k < Columns; ++k)
                    sum += std::exp(x(row, k));
                for (std::size_t k = 0; k < Columns; ++k)
                {
                    worst = std::max(worst, std::abs(y(row, k) - std::exp(x(row, k)) / sum));
                    worst = std::max(worst, std::abs(l(row, k) - (x(row, k) - std::log(sum))));
                }
            }
            CHECK(worst < 1e-14);
        }
    }
}

TEST_CASE("softmax of many short rows", "[op]")
{
    against_definition<1>();
    against_definition<2>();
    against_definition<10>();
    against_definition<31>();
    against_definition<33>();
    against_definition<67>();
}
