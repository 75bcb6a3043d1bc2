// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::concatenate<Axis>\(parts...\): all extents but that of the axis must be equal
// expect: extents<4, 3>.*extents<5, 3>
// Two images of different height side by side.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto a, auto b) { return xg::concatenate<0>(a, b); };
#else
constexpr auto function = [](auto a, auto b) { return xg::concatenate<1>(a, b); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>, xg::input<float, 5, 3>>(function);
