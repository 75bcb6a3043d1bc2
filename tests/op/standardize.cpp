// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/standardize.hpp>
#include <xgrad/op/sum.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::standardize(x); };
    static_assert(check::near(check::constant(f, std::array{1., 2., 3.}), std::array{-1.2247, 0., 1.2247}, 1e-4));
    static_assert(check::statements<xg::input<double, 5, 7>>([](auto x) { return xg::standardize(x) * 2 + 1; }) == 1);

    template <class T, int Columns>
    void against_definition(double tolerance)
    {
        using tensor = xg::input<T, 9, Columns>;
        const auto x = check::random<tensor>(1, 90, 93);
        auto program = xg::compile<tensor>([](auto v) { return xg::standardize(v, 1e-3); });
        const auto y = program(x);
        double worst = 0;
        for (std::size_t row = 0; row < 9; ++row)
        {
            double mean = 0, variance = 0;
            for (std::size_t k = 0; k < Columns; ++k)
                mean += static_cast<double>(x(row, k)) / Columns;
            for (std::size_t k = 0; k < Columns; ++k)
                variance += (x(row, k) - mean) * (x(row, k) - mean) / Columns;
            for (std::size_t k = 0; k < Columns; ++k)
                worst = std::max(worst, std::abs(y(row, k) - (x(row, k) - mean) / std::sqrt(variance + 1e-3)));
        }
        CHECK(worst < tolerance);
    }
}

TEST_CASE("standardize gives mean 0 and variance 1", "[op]")
{
    against_definition<double, 1>(1e-13);
    against_definition<double, 7>(1e-11);
    against_definition<double, 64>(1e-11);
    against_definition<float, 67>(2e-4);
    against_definition<float, 1024>(2e-4);
}

TEST_CASE("standardize agrees with PyTorch's layer_norm", "[op]")
{
    const reference torch{"nn"};
    using row = xg::input<double, 7>;
    using matrix = xg::input<double, 5, 7>;
    auto program = xg::compile<matrix, row, row>([](auto v, auto w, auto b) { return xg::standardize(v) * w + b; });
    CHECK(check::distance(program(check::from_reference<matrix>(torch, "layer_norm/a"),
                                  check::from_reference<row>(torch, "layer_norm/b"),
                                  check::from_reference<row>(torch, "layer_norm/c")),
                          torch("layer_norm/y").values) < 1e-13);
}

TEST_CASE("standardize has the derivatives that differences give", "[op]")
{
    using tensor = xg::input<double, 3, 5>;
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
}

TEST_CASE("standardize of a batch is that of its rows", "[op]") { check::batches<double, 5>(f); }
