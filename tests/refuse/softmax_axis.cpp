// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::softmax<Axis>\(x\): x does not have this axis
// A matrix has the axes 0 and 1, or -2 and -1.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::softmax<-2>(x); };
#else
constexpr auto function = [](auto x) { return xg::softmax<-3>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
