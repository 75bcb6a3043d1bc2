// SPDX-License-Identifier: BSD-3-Clause
// expect: a convolution takes x as \[batch, channels, 1 to 3 axes\] and a weight with as many axes
// One image, without the axis of the batch.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
using image = xg::input<float, 1, 3, 8, 8>;
#else
using image = xg::input<float, 3, 8, 8>;
#endif
constexpr auto function = [](auto x, auto w) { return xg::convolution(x, w); };
auto compiled = xg::compile<image, xg::input<float, 4, 3, 3, 3>>(function);
