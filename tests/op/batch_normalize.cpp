// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/batch_normalize.hpp>

namespace
{
    constexpr auto f = [](auto x, auto w, auto b) { return xg::batch_normalize(x, w, b); };
    template <class T, std::ptrdiff_t... Extents>
    using tensor = xg::input<T, Extents...>;

    // weight and bias made of x, so that a batch is the only input
    constexpr auto own = [](auto x)
    {
        auto w = xg::named(0.5 + xg::sum<0, 2>(x * x));
        return xg::batch_normalize(x, w, w * 0.25);
    };
    // the moments and the rest: two statements, with what is elementwise around them
    static_assert(check::statements<tensor<float, 4, 3, 5>, tensor<float, 3>, tensor<float, 3>>(
                      [](auto x, auto w, auto b) { return relu(xg::batch_normalize(x, w, b)) + 1; }) == 2);
    static_assert(check::near(check::constant(
                                  [](auto x)
                                  {
                                      auto one = xg::named(xg::sum<0, 2>(xg::reshape<3, 1, 2>(x)) * 0 + 1);
                                      return xg::reshape<6>(xg::batch_normalize(xg::reshape<3, 1, 2>(x), one, one - 1));
                                  },
                                  std::array{1., 2., 3., 4., 5., 6.}),
                              std::array{-1.46385, -0.87831, -0.29277, 0.29277, 0.87831, 1.46385}, 1e-5));
}

TEST_CASE("batch_normalize agrees with PyTorch", "[op]")
{
    const auto torch = []<class T, class X, class C>(T, X, C, auto name, double tolerance)
    { check::against_torch<X, X, C, C>(f, "norm", name, tolerance); };
    torch(0., tensor<double, 4, 3, 5, 7>{}, tensor<double, 3>{}, "batch_2d", 1e-13);
    torch(0.f, tensor<float, 4, 3, 5, 7>{}, tensor<float, 3>{}, "batch_2d", 1e-5);
    torch(0., tensor<double, 7, 5>{}, tensor<double, 5>{}, "batch_0d", 1e-13);
    torch(0.f, tensor<float, 3, 3, 37>{}, tensor<float, 3>{}, "batch_1d", 1e-5);
}

TEST_CASE("batch_normalize has the derivatives that differences give", "[op]")
{
    const auto differences = []<class X, class C>(X, C)
    {
        check::second_gradients<X, C, C>(f, check::random<X>(1, -2, 2), check::random<C>(2, -1, 2), check::random<C>(3, -1, 1));
    };
    differences(tensor<double, 3, 2, 3>{}, tensor<double, 2>{});
    check::gradients<tensor<double, 2, 2, 37>, tensor<double, 2>, tensor<double, 2>>(
        f, check::random<tensor<double, 2, 2, 37>>(1, -2, 2), check::random<tensor<double, 2>>(2, -1, 2),
        check::random<tensor<double, 2>>(3, -1, 1));
}

TEST_CASE("batch_normalize of a batch is over the rows that are there", "[op]")
{
    check::batches<double, 3, 4>(own, 1e-12);
    check::batches<float, 2, 37>(own, 1e-5);
}

TEST_CASE("batch_normalize keeps its digits far from zero", "[op]")
{
    using matrix = tensor<float, 16, 2, 64>;
    auto program = xg::compile<matrix>(
        [](auto x)
        {
            auto one = xg::named(xg::sum<0, 2>(x * 0.f) + 1.f);
            return xg::batch_normalize(x, one, one - 1.f, 1e-7);
        });
    const auto x = check::random<matrix>(1, 4096, 4097);
    const auto y = program(x);
    for (std::size_t c = 0; c < 2; ++c)
    {
        double mean = 0, variance = 0;
        for (std::size_t n = 0; n < 16; ++n)
            for (std::size_t k = 0; k < 64; ++k)
                mean += static_cast<double>(x(n, c, k)) / 1024;
        for (std::size_t n = 0; n < 16; ++n)
            for (std::size_t k = 0; k < 64; ++k)
                variance += std::pow(x(n, c, k) - mean, 2) / 1024;
        CHECK(y(3, c, 5) == Approx((x(3, c, 5) - mean) / std::sqrt(variance)).margin(3e-3));
    }
}
