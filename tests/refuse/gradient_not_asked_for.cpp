// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::gradient\(y, x...\): y cannot be differentiated \(once more\): compile the function with with_derivatives<N>\(function\)
// A function that takes a gradient says so.
#include <xgrad/xgrad.hpp>

constexpr auto slope = [](auto x) { return gradient(sum(square(x)), x); };
#ifdef XGRAD_TWIN
constexpr auto function = xg::with_derivatives<1>(slope);
#else
constexpr auto function = slope;
#endif

auto compiled = xg::compile<xg::input<float, 4>>(function);
