// SPDX-License-Identifier: BSD-3-Clause
// expect: a value is not known while the graph is compiled; return it from the model and read the result
// There is no number yet.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto y) { return x * y; };
#else
constexpr auto function = [](auto x, auto y) { return x.value() * y; };
#endif
auto compiled = xg::compile<xg::input<float>, xg::input<float, 4>>(function);
