// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>
#include <xgrad/optim/optimizer.hpp>

#include <cmath>
#include <string_view>

namespace xgrad::inline XGRAD_ABI
{
    /// Adam (Kingma and Ba 2015): m and v are running means of the gradient and its square;
    /// p -= learning_rate m' / (sqrt(v') + epsilon), m' and v' corrected for their start at zero.
    /// `weight_decay` adds weight_decay p to the gradient.
    struct adam
    {
        double learning_rate = 1e-3;
        double beta1 = 0.9;
        double beta2 = 0.999;
        double epsilon = 1e-8;
        double weight_decay = 0;

        static constexpr std::array<std::string_view, 2> names{"first_moment", "second_moment"};
        static constexpr int scalar_count = 8;
        static constexpr int flops = 13;

        std::array<double, 8> scalars(std::int64_t step) const
        {
            const double t = static_cast<double>(step);
            return {learning_rate / (1 - std::pow(beta1, t)),
                    1 / std::sqrt(1 - std::pow(beta2, t)),
                    beta1,
                    1 - beta1,
                    beta2,
                    1 - beta2,
                    epsilon,
                    weight_decay};
        }

        template <class V>
        static constexpr void update(V& p, V g, std::array<V, 2>& state, const std::array<V, 8>& s)
        {
            g = g + s[7] * p;
            state[0] = s[2] * state[0] + s[3] * g;
            state[1] = s[4] * state[1] + s[5] * (g * g);
            p = p - s[0] * state[0] / (kernel::sqrt(state[1]) * s[1] + s[6]);
        }
    };

    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019): p shrinks by learning_rate weight_decay p besides.
    struct adamw
    {
        double learning_rate = 1e-3;
        double beta1 = 0.9;
        double beta2 = 0.999;
        double epsilon = 1e-8;
        double weight_decay = 0.01;

        static constexpr std::array<std::string_view, 2> names = adam::names;
        static constexpr int scalar_count = 8;
        static constexpr int flops = 13;

        std::array<double, 8> scalars(std::int64_t step) const
        {
            auto result = adam{learning_rate, beta1, beta2, epsilon, 0}.scalars(step);
            result[7] = 1 - learning_rate * weight_decay;
            return result;
        }

        template <class V>
        static constexpr void update(V& p, V g, std::array<V, 2>& state, const std::array<V, 8>& s)
        {
            state[0] = s[2] * state[0] + s[3] * g;
            state[1] = s[4] * state[1] + s[5] * (g * g);
            p = s[7] * p - s[0] * state[0] / (kernel::sqrt(state[1]) * s[1] + s[6]);
        }
    };
}
