// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::matmul\(a, b\): a and b must have one element type
// expect: is_same_v<float, double>
// A float matrix meets a double matrix.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto a, auto b) { return matmul(a, xg::cast<float>(b)); };
#else
constexpr auto function = [](auto a, auto b) { return matmul(a, b); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>, xg::input<double, 3, 4>>(function);
