// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/cross_entropy.hpp>
#include <xgrad/op/softplus.hpp>
#include <xgrad/op/square.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// The mean of (prediction - target)^2 over all elements.
    template <tensor Prediction, tensor Target>
    constexpr auto mse_loss(Prediction&& prediction, Target&& target)
    {
        return mean(square(std::forward<Prediction>(prediction) - std::forward<Target>(target)));
    }

    /// The mean of -target log(sigmoid(x)) - (1 - target) log(1 - sigmoid(x)) = softplus(x) - x target over all elements,
    /// without overflow; targets from 0 to 1.
    template <tensor Logits, tensor Target>
    constexpr auto binary_cross_entropy_with_logits(Logits&& logits, Target&& target)
    {
        const auto x = in_memory(std::forward<Logits>(logits));
        return mean(softplus(x) - x * std::forward<Target>(target));
    }
}
