// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad: adaptive pooling gives at least one part
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::adaptive_avg_pool<3>(x); };
#else
constexpr auto function = [](auto x) { return xg::adaptive_avg_pool<0>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 2, 3, 8, 8>>(function);
