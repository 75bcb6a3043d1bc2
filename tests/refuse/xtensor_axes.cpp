// SPDX-License-Identifier: BSD-3-Clause
// expect: xt::sum\(x, axes\) of a recorded tensor has no shape that is known; write sum<Axes...>\(x\)
// The shape of a recorded tensor is in its type, so axes must be.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](const auto x) { return xg::sum<1>(x); };
#else
constexpr auto function = [](const auto x) { return xt::sum(x, 1); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
