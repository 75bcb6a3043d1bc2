// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::slice<Axis, Begin, End>\(x\): 0 <= Begin < End <= the extent of the axis must hold
// expect: 12L? <= 10L?
// The slice ends behind the last element.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::slice<1, 8, 10>(x); };
#else
constexpr auto function = [](auto x) { return xg::slice<1, 8, 12>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 10>>(function);
