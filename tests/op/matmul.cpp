// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/matmul.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    constexpr auto nn = [](auto a, auto b) { return matmul(a, b); };
    constexpr auto nt = [](auto a, auto b) { return matmul(a, transpose(b)); };
    constexpr auto tn = [](auto a, auto b) { return matmul(transpose(a), b); };
    constexpr auto tt = [](auto a, auto b) { return matmul(transpose(a), transpose(b)); };

    // product, bias and activation are one statement; a transposition is none
    static_assert(check::statements<tensor<3, 5>, tensor<7, 5>, tensor<7>>([](auto x, auto w, auto b)
                                                                           { return relu(matmul(x, transpose(w)) + b); }) == 1);
    static_assert(check::statements<tensor<3, 5>, tensor<5, 7>>([](auto a, auto b) { return matmul(a, b) * matmul(a, b); }) ==
                  2);
    template <class A, class B>
    using product = typename check::result_of<decltype(nn), A, B>::shape_type;
    static_assert(std::is_same_v<product<tensor<2, 1, 3, 5>, tensor<4, 5, 7>>, xg::extents<2, 4, 3, 7>>);
    static_assert(std::is_same_v<product<xg::batch<8, double, 5>, tensor<5, 7>>, xg::at_most<8, 7>>);
    static_assert(std::is_same_v<product<xg::batch<8, double, 5>, tensor<5>>, xg::at_most<8>>);
    static_assert(std::is_same_v<product<tensor<5>, tensor<5>>, xg::extents<>>);
    static_assert(xg::graph_of<check::builder<decltype(nt), tensor<3, 5>, tensor<7, 5>>>.view().flops() == 2 * 3 * 5 * 7);
    static_assert(check::constant([](auto x) { return matmul(x, x) + 0 * x; }, std::array{1., 2., 3.})[2] == 14);

    void differences(auto f, auto a, auto b)
    {
        check::gradients<decltype(a), decltype(b)>(f, check::random<decltype(a)>(1, -2, 2),
                                                   check::random<decltype(b)>(2, -2, 2));
    }
}

TEST_CASE("matmul agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<3, 7>, tensor<3, 5>, tensor<5, 7>>(nn, "matmul", "nn", 1e-14);
    check::against_torch<tensor<3, 7>, tensor<3, 5>, tensor<7, 5>>(nt, "matmul", "nt", 1e-14);
    check::against_torch<tensor<3, 7>, tensor<5, 3>, tensor<5, 7>>(tn, "matmul", "tn", 1e-14);
    check::against_torch<tensor<3, 7>, tensor<5, 3>, tensor<7, 5>>(tt, "matmul", "tt", 1e-14);
    check::against_torch<tensor<1, 1>, tensor<1, 1>, tensor<1, 1>>(nn, "matmul", "one", 1e-14);
    check::against_torch<tensor<1, 1>, tensor<1, 5>, tensor<5, 1>>(nn, "matmul", "inner", 1e-14);
    check::against_torch<tensor<5, 7>, tensor<5, 1>, tensor<1, 7>>(nn, "matmul", "outer", 1e-14);
    check::against_torch<tensor<1, 7>, tensor<1, 5>, tensor<5, 7>>(nn, "matmul", "one_row", 1e-14);
    check::against_torch<tensor<3, 1>, tensor<3, 5>, tensor<5, 1>>(nn, "matmul", "one_column", 1e-14);
    check::against_torch<xg::input<float, 3, 7>, xg::input<float, 3, 5>, xg::input<float, 7, 5>>(nt, "matmul", "nt", 1e-6);
}

TEST_CASE("matmul of many matrices agrees with PyTorch", "[op]")
{
    check::against_torch<tensor<2, 3, 7>, tensor<2, 3, 5>, tensor<2, 5, 7>>(nn, "matmul", "batched", 1e-14);
    check::against_torch<tensor<2, 3, 7>, tensor<2, 3, 5>, tensor<5, 7>>(nn, "matmul", "batched_one", 1e-14);
    check::against_torch<tensor<2, 4, 3, 7>, tensor<2, 4, 3, 5>, tensor<2, 4, 5, 7>>(nn, "matmul", "batched_two", 1e-14);
    check::against_torch<tensor<2, 3, 7>, tensor<2, 3, 5>, tensor<2, 7, 5>>(nt, "matmul", "batched_nt", 1e-14);
    check::against_torch<tensor<2, 3, 7>, tensor<2, 5, 3>, tensor<2, 5, 7>>(tn, "matmul", "batched_tn", 1e-14);
    check::against_torch<tensor<2, 3, 7>, tensor<2, 5, 3>, tensor<2, 7, 5>>(tt, "matmul", "batched_tt", 1e-14);
}

TEST_CASE("matmul has the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<3, 2>, tensor<2, 2>>(nn, check::random<tensor<3, 2>>(1, -2, 2),
                                                        check::random<tensor<2, 2>>(2, -2, 2));
    // vectors, and leading axes that broadcast
    differences(nn, tensor<5>{}, tensor<5>{});
    differences(nn, tensor<5>{}, tensor<5, 3>{});
    differences(nn, tensor<3, 5>{}, tensor<5>{});
    differences(nn, tensor<2, 3, 5>{}, tensor<5>{});
    differences(nn, tensor<5>{}, tensor<2, 5, 3>{});
    differences(nn, tensor<2, 1, 3, 4>{}, tensor<2, 4, 3>{});
    differences(tn, tensor<2, 4, 3>{}, tensor<4, 3>{});
    differences(nt, tensor<3, 4>{}, tensor<2, 3, 4>{});
}

TEST_CASE("matmul of a batch is that of its rows", "[op]")
{
    check::batches<double, 5>([](auto x) { return matmul(x, xg::broadcast_to<xg::extents<5, 5>>(sum<0>(x))); }, 1e-13);
    check::batches<float, 3, 5>([](auto x) { return matmul(x, transpose(x)); }, 1e-5);
    check::batches<double, 5>([](auto x) { return matmul(x, sum<0>(x)); }, 1e-14);
}
