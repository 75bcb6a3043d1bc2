// SPDX-License-Identifier: BSD-3-Clause
// expect: the groups of a convolution must divide its output channels
// Three groups cannot share four channels.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
using weight = xg::input<float, 6, 1, 3, 3>;
#else
using weight = xg::input<float, 4, 1, 3, 3>;
#endif
constexpr auto function = [](auto x, auto w) { return xg::convolution<xg::conv_options{.groups = 3}>(x, w); };
auto compiled = xg::compile<xg::input<float, 2, 3, 8, 8>, weight>(function);
