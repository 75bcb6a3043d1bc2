// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::cross_entropy\(logits, labels\): labels must have the shape of the logits without the last axis
// expect: at_most<64>, xgrad::(sse2::)?at_most<64, 10> ?>
// One-hot labels where class numbers are meant.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, argmax(labels)); };
#else
constexpr auto function = [](auto logits, auto labels) { return cross_entropy(logits, labels); };
#endif
auto compiled = xg::compile<xg::batch<64, float, 10>, xg::batch<64, std::int32_t, 10>>(function);
