// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::cross_entropy\(logits, labels\): labels must be integers, the number of the class of each row
// Labels are the numbers of classes.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, xg::cast<std::int32_t>(labels)); };
#else
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, labels); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>, xg::batch<64, float>>(function);
