// SPDX-License-Identifier: BSD-3-Clause
// expect: a reduction names an axis that the tensor does not have; axes count from 0, or from -1 backwards
// A matrix has the axes 0 and 1.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::sum<1>(x); };
#else
constexpr auto function = [](auto x) { return xg::sum<2>(x); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 3>>(function);
