// SPDX-License-Identifier: BSD-3-Clause
// expect: padding of a pooling window is at most half of it, so that every window sees something
// Two zeros beside a window of three: the first window would see one element of the image.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::max_pool<3, xg::pool_options{.padding = 1}>(x); };
#else
constexpr auto function = [](auto x) { return xg::max_pool<3, xg::pool_options{.padding = 2}>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 8, 8>>(function);
