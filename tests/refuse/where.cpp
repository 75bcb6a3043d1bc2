// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::where\(condition, a, b\): the condition must be a tensor of bool, such as x > 0
// The condition is a number.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return where(x > 0, x, 0); };
#else
constexpr auto function = [](auto x) { return where(x, x, 0); };
#endif
auto compiled = xg::compile<xg::input<float, 4>>(function);
