// SPDX-License-Identifier: BSD-3-Clause
// expect: TODO
// A matrix has the axes 0 and 1.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::sum<1>(x); };
#else
constexpr auto function = [](auto x) { return xg::sum<2>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
