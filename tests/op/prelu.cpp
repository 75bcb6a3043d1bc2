// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/prelu.hpp>

namespace
{
    constexpr auto f = [](auto x, auto slope) { return xg::prelu(x, slope); };
    template <class T, std::ptrdiff_t... Extents>
    using tensor = xg::input<T, Extents...>;
    static_assert(check::statements<tensor<float, 2, 3, 4>, tensor<float, 3>>(f) == 1);
    static_assert(check::near(check::constant([](auto x) { return xg::prelu(x, xg::slice<0, 0, 1>(x)); }, std::array{-3., 0.5}),
                              std::array{9., 0.5}, 0));
}

TEST_CASE("prelu agrees with PyTorch", "[op]")
{
    using image = tensor<double, 2, 3, 4, 5>;
    check::against_torch<image, image, tensor<double, 3>>(f, "activation", "prelu", 1e-14);
    using matrix = tensor<double, 5, 7>;
    check::against_torch<matrix, matrix, tensor<double, 7>>(f, "activation", "prelu_matrix", 1e-14);
    check::against_torch<matrix, matrix, tensor<double, 1>>(f, "activation", "prelu_one", 1e-14);
}

TEST_CASE("prelu has the derivatives that differences give", "[op]")
{
    using x = tensor<double, 2, 3, 3>;
    check::second_gradients<x, tensor<double, 3>>(f, check::random<x>(1, -2, 2), check::random<tensor<double, 3>>(2, -1, 1));
}
