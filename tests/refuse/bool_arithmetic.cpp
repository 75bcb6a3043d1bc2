// SPDX-License-Identifier: BSD-3-Clause
// expect: arithmetic on a tensor of bool; choose with where\(condition, a, b\), or convert it with cast<float>\(x\)
// Truth values do not add up.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::cast<float>(x > 0) + x; };
#else
constexpr auto function = [](auto x) { return (x > 0) + x; };
#endif
auto compiled = xg::compile<xg::input<float, 4>>(function);
