// SPDX-License-Identifier: BSD-3-Clause
// expect: xt::view\(x, ...\) of a recorded tensor takes xt::all\(\), xt::newaxis\(\), xt::ellipsis\(\) and whole numbers
// The length of a range is a value, and shapes are types.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>
#include <xtensor/xview.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::slice<0, 1, 3>(x); };
#else
constexpr auto function = [](auto x) { return xt::view(x, xt::range(1, 3)); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
