// SPDX-License-Identifier: BSD-3-Clause
// expect: elementwise operation on tensors whose shapes do not broadcast
// expect: at_most<64, 3>.*extents<64, 3>
// A batch of unknown length meets a tensor of as many rows as its bound.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto y) { return x * slice<0, 0, 1>(y); };
#else
constexpr auto function = [](auto x, auto y) { return x * y; };
#endif
auto compiled = xg::compile<xg::batch<64, float, 3>, xg::input<float, 64, 3>>(function);
