// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/convolution.hpp>

namespace
{
    using xg::conv_options;
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <conv_options Options>
    struct conv
    {
        constexpr auto operator()(auto x, auto w) const { return xg::convolution<Options>(x, w); }
    };
    template <conv_options Options>
    struct transposed
    {
        constexpr auto operator()(auto x, auto w) const { return xg::convolution_transpose<Options>(x, w); }
    };

    // convolution, scale, shift, residual and activation are one statement
    static_assert(check::statements<tensor<2, 3, 8, 8>, tensor<4, 3, 3, 3>, tensor<4, 1, 1>, tensor<2, 4, 6, 6>>(
                      [](auto x, auto w, auto b, auto r) { return relu(xg::convolution(x, w) * b + b + r); }) == 1);
    template <conv_options Options, class X, class W>
    using shape_of = typename check::result_of<conv<Options>, X, W>::shape_type;
    static_assert(std::is_same_v<shape_of<conv_options{.stride = 2, .padding = 3}, xg::batch<8, float, 3, 224, 224>,
                                          xg::input<float, 64, 3, 7, 7>>,
                                 xg::at_most<8, 64, 112, 112>>);
    static_assert(std::is_same_v<
                  shape_of<conv_options{.stride = 2, .padding = 0, .padding_end = 1}, tensor<1, 3, 6, 6>, tensor<4, 3, 3, 3>>,
                  xg::extents<1, 4, 3, 3>>);
    static_assert(xg::graph_of<check::builder<conv<conv_options{.padding = 1, .groups = 2}>, tensor<2, 6, 5, 5>,
                                              tensor<4, 3, 3, 3>>>
                      .view()
                      .flops() == 2 * 2 * 4 * 25 * 27);
    // 1 2 3 with 0 before and behind, by 2 3 4
    static_assert(check::constant(
                      [](auto x)
                      {
                          auto line = xg::reshape<1, 1, 3>(x), by = xg::reshape<1, 1, 3>(x + 1);
                          return xg::reshape<3>(xg::convolution<conv_options{.padding = 1}>(line, by));
                      },
                      std::array{1., 2., 3.}) == std::array{11., 20., 13.});

    template <conv_options Options, class Y, class X, class W>
    void torch(const char* name)
    {
        check::against_torch<Y, X, W>(conv<Options>{}, "convolution", name, 1e-13);
    }
    template <conv_options Options, class Y, class X, class W>
    void torch_transpose(const char* name)
    {
        check::against_torch<Y, X, W>(transposed<Options>{}, "convolution", name, 1e-13);
    }
    template <class F, class X, class W>
    void differences()
    {
        check::second_gradients<X, W>(F{}, check::random<X>(1, -1, 1), check::random<W>(2, -1, 1));
    }
}

TEST_CASE("convolution agrees with PyTorch", "[op]")
{
    torch<conv_options{.stride = 2, .padding = 1}, tensor<2, 5, 6>, tensor<2, 3, 11>, tensor<5, 3, 3>>("1d");
    torch<conv_options{.padding = 2, .dilation = 3}, tensor<1, 3, 11>, tensor<1, 2, 13>, tensor<3, 2, 3>>("1d_dilated");
    torch<conv_options{.padding = 1}, tensor<2, 4, 7, 6>, tensor<2, 3, 7, 6>, tensor<4, 3, 3, 3>>("2d");
    torch<conv_options{.stride = {2, 3}, .padding = {1, 0}}, tensor<2, 4, 5, 3>, tensor<2, 3, 9, 8>, tensor<4, 3, 3, 2>>(
        "2d_stride");
    torch<conv_options{}, tensor<2, 7, 3, 4>, tensor<2, 5, 3, 4>, tensor<7, 5, 1, 1>>("2d_plain");
    torch<conv_options{.padding = 1, .groups = 2}, tensor<2, 4, 5, 5>, tensor<2, 6, 5, 5>, tensor<4, 3, 3, 3>>("2d_groups");
    torch<conv_options{.stride = 2, .padding_end = 1}, tensor<2, 4, 3, 3>, tensor<2, 3, 6, 6>, tensor<4, 3, 3, 3>>(
        "2d_one_sided");
    torch<conv_options{.stride = {1, 2, 1}, .padding = {0, 1, 1}}, tensor<1, 3, 3, 3, 6>, tensor<1, 2, 4, 5, 6>,
          tensor<3, 2, 2, 3, 3>>("3d");
}

TEST_CASE("depthwise convolution agrees with PyTorch", "[op]")
{
    torch<conv_options{.padding = 1, .groups = 3}, tensor<2, 3, 6, 7>, tensor<2, 3, 6, 7>, tensor<3, 1, 3, 3>>("2d_depthwise");
    torch<conv_options{.stride = 2, .padding = 1, .groups = 3}, tensor<2, 6, 3, 4>, tensor<2, 3, 6, 7>, tensor<6, 1, 3, 3>>(
        "2d_depthwise_stride");
}

TEST_CASE("transposed convolution agrees with PyTorch", "[op]")
{
    torch_transpose<conv_options{.stride = 2, .padding = 1, .output_padding = 1}, tensor<2, 4, 10>, tensor<2, 3, 5>,
                    tensor<3, 4, 3>>("transpose_1d");
    torch_transpose<conv_options{.padding = 1}, tensor<2, 2, 4, 5>, tensor<2, 3, 4, 5>, tensor<3, 2, 3, 3>>("transpose_2d");
    torch_transpose<conv_options{.stride = {2, 3}, .padding = {1, 0}, .groups = 2}, tensor<2, 6, 5, 11>, tensor<2, 4, 3, 4>,
                    tensor<4, 3, 3, 2>>("transpose_2d_stride");
    torch_transpose<conv_options{.stride = 2}, tensor<1, 3, 4, 6, 6>, tensor<1, 2, 2, 3, 3>, tensor<2, 3, 2, 2, 2>>(
        "transpose_3d");
}

TEST_CASE("convolution has the derivatives that differences give", "[op]")
{
    differences<conv<conv_options{.stride = 2, .padding = 1}>, tensor<2, 2, 4>, tensor<2, 2, 3>>();
    differences<transposed<conv_options{.padding = 1}>, tensor<1, 2, 3, 3>, tensor<2, 1, 2, 2>>();
}

TEST_CASE("convolution of a batch is that of its images", "[op]")
{
    check::batches<double, 3, 5, 4>(
        [](auto x) { return xg::convolution<conv_options{.padding = 1}>(x, xg::reshape<5, 3, 2, 2>(sum<0>(x))); }, 1e-12);
}
