// SPDX-License-Identifier: BSD-3-Clause
// expect: a tensor of integers meets a number with a fraction; convert it with cast<float>\(x\)
// Half a token.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto x) { return xg::cast<float>(x) * 0.5; };
#else
constexpr auto function = [](auto x) { return x * 0.5; };
#endif
auto compiled = xg::compile<xg::input<std::int32_t, 4>>(function);
