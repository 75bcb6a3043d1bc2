// SPDX-License-Identifier: BSD-3-Clause
// expect: this function of xtensor has no gradient rule
// What cannot be differentiated is not recorded.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>
#include <xtensor/xmath.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xt::tanh(x); };
#else
constexpr auto function = [](auto x) { return xt::sin(x); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
