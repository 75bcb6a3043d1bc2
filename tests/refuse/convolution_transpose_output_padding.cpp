// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::conv_options: output_padding must be smaller than the stride or the dilation
// With a stride of 2 a result is at most one element longer.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto w) { return xg::convolution_transpose<xg::conv_options{.stride = 2, .output_padding = 1}>(x, w); };
#else
constexpr auto function = [](auto x, auto w) { return xg::convolution_transpose<xg::conv_options{.stride = 2, .output_padding = 2}>(x, w); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 8, 8>, xg::input<float, 3, 4, 3, 3>>(function);
