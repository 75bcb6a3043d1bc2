// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::pad<Before, After, Mode>\(x\): padding is not negative, what is reflected is shorter than the axis, and what is circular no longer
// Four elements have only three beside the last one to reflect.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::pad<3, 3, xg::padding::reflect>(x); };
#else
constexpr auto function = [](auto x) { return xg::pad<4, 4, xg::padding::reflect>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 4, 4>>(function);
