// SPDX-License-Identifier: BSD-3-Clause
// expect: xt::sum\(x, axes\) of a recorded tensor has no shape that is known
// Axes in braces are values, and shapes are types.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>
#include <xtensor/xmath.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xt::mean(x, xt::xshape<1>()); };
#else
constexpr auto function = [](auto x) { return xt::mean(x, {1}); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
