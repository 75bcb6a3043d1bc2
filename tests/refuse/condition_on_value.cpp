// SPDX-License-Identifier: BSD-3-Clause
// expect: a value is not known while the graph is compiled; choose with where\(condition, a, b\), or branch on a member of the model
// The graph is the same for all values.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x, auto y) { return where(x > 0, y, -y); };
#else
constexpr auto function = [](auto x, auto y)
{
    if (x > 0)
        y = named(-y);
    return y;
};
#endif
auto compiled = xg::compile<xg::input<float>, xg::input<float, 4>>(function);
