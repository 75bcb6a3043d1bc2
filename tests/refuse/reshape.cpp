// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::reshape<Extents...>\(x\): the elements before and after must be equally many
// expect: 784L? == 756L?
// 784 elements are not 28 times 27.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::reshape<28, 28>(x); };
#else
constexpr auto function = [](auto x) { return xg::reshape<28, 27>(x); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 784>>(function);
