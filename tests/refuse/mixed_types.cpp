// SPDX-License-Identifier: BSD-3-Clause
// expect: an elementwise operation needs operands of one element type; cast<T>\(x\) converts
// expect: float.*double
// A float tensor meets a double tensor.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto y) { return x + xg::cast<float>(y); };
#else
constexpr auto function = [](auto x, auto y) { return x + y; };
#endif
auto compiled = xg::compile<xg::input<float, 4>, xg::input<double, 4>>(function);
