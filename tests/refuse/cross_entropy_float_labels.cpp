// SPDX-License-Identifier: BSD-3-Clause
// expect: TODO
// Labels are the numbers of classes.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, xg::cast<std::int32_t>(labels)); };
#else
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, labels); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>, xg::batch<64, float>>(function);
