// SPDX-License-Identifier: BSD-3-Clause
// expect: a window is longer than the axis it moves over, padding included
// expect: 8L? >= 9L?
// A dilated window of nine elements on an image of eight.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto w) { return xg::convolution<xg::conv_options{.dilation = 3}>(x, w); };
#else
constexpr auto function = [](auto x, auto w) { return xg::convolution<xg::conv_options{.dilation = 4}>(x, w); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 32, 8>, xg::input<float, 4, 3, 3, 3>>(function);
