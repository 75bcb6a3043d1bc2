// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::transpose\(x\): the bounded axis of a batch must stay the leading one
// The rows of a batch cannot become columns.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return transpose(xg::reshape<2, 5>(x)); };
#else
constexpr auto function = [](auto x) { return transpose(x); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>>(function);
