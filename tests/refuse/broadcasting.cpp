// SPDX-License-Identifier: BSD-3-Clause
// expect: elementwise operation on tensors whose shapes do not broadcast: aligned at the last axis, extents must be equal or one of them 1
// expect: extents<4, 3>.*extents<4>
// Neither extent is 1.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto y) { return x + reshape<4, 1>(y); };
#else
constexpr auto function = [](auto x, auto y) { return x + y; };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>, xg::input<float, 4>>(function);
