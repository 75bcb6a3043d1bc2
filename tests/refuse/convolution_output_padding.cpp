// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::convolution: output_padding is for transposed convolutions only
// PyTorch has no such option for a convolution either.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto w) { return xg::convolution<xg::conv_options{.padding = 1}>(x, w); };
#else
constexpr auto function = [](auto x, auto w) { return xg::convolution<xg::conv_options{.output_padding = 1}>(x, w); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 8, 8>, xg::input<float, 4, 3, 3, 3>>(function);
