// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::elu\(x, alpha\): alpha must not be negative
// With a negative alpha the derivative cannot be told from the result.
// more errors follow
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::elu(x, 0.5); };
#else
constexpr auto function = [](auto x) { return xg::elu(x, -0.5); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 10>>(function);
