// SPDX-License-Identifier: BSD-3-Clause
// expect: xt::broadcast\(x, shape\) of a recorded tensor has no shape that is known
// Extents in braces are values, and shapes are types.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>
#include <xtensor/xbroadcast.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xt::broadcast(x, xt::xshape<2, 4, 3>()); };
#else
constexpr auto function = [](auto x) { return xt::broadcast(x, {2, 4, 3}); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
