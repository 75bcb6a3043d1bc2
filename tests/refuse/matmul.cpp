// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::matmul\(a, b\): the columns of a must equal the rows of b
// expect: 784L? == 256L?
// The columns of a are not the rows of b.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto a, auto b) { return matmul(slice<1, 0, 256>(a), b); };
#else
constexpr auto function = [](auto a, auto b) { return matmul(a, b); };
#endif
auto compiled = xg::compile<xg::input<float, 4, 784>, xg::input<float, 256, 10>>(function);
