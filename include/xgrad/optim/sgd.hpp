// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/optim/optimizer.hpp>

#include <string_view>

namespace xgrad::inline XGRAD_ABI
{
    /// Stochastic gradient descent with momentum (Sutskever et al. 2013), as PyTorch defines it:
    /// g += weight_decay p; v = momentum v + g; p -= learning_rate (nesterov ? g + momentum v : v).
    struct sgd
    {
        double learning_rate = 0.01;
        double momentum = 0;
        double weight_decay = 0;
        bool nesterov = false;

        static constexpr std::array<std::string_view, 1> names{"velocity"};
        static constexpr int scalar_count = 5;
        static constexpr int flops = 6;

        constexpr std::array<double, 5> scalars(std::int64_t) const
        {
            // the step is -learning_rate (a g + b v)
            return {learning_rate, momentum, weight_decay, nesterov ? 1.0 : 0.0, nesterov ? momentum : 1.0};
        }

        template <class V>
        static constexpr void update(V& p, V g, std::array<V, 1>& state, const std::array<V, 5>& s)
        {
            g = g + s[2] * p;
            state[0] = s[1] * state[0] + g;
            p = p - s[0] * (s[3] * g + s[4] * state[0]);
        }
    };
}
