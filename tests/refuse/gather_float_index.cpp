// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::gather\(table, index\): the index must be integers
// Rows are named by whole numbers.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto table, auto index) { return gather(table, xg::cast<std::int32_t>(index)); };
#else
constexpr auto function = [](auto table, auto index) { return gather(table, index); };
#endif
auto compiled = xg::compile<xg::input<float, 96, 8>, xg::input<float, 4>>(function);
