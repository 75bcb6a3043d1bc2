// SPDX-License-Identifier: BSD-3-Clause
// expect: TODO
// One-hot labels where class numbers are meant.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, argmax(labels)); };
#else
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, labels); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>, xg::batch<64, std::int32_t, 10>>(function);
