// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::slice: the bounded axis of a batch cannot be cut, its length is not known while compiling
// The rows of a batch cannot be counted while compiling.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::slice<1, 0, 5>(x); };
#else
constexpr auto function = [](auto x) { return xg::slice<0, 0, 32>(x); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>>(function);
