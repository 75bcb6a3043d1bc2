// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/error.hpp>

#include <cmath>
#include <cstdint>
#include <numbers>

namespace xgrad::inline XGRAD_ABI
{
    // Learning-rate schedules: functions of the step, counted from 0.
    // `step.optimizer.learning_rate = schedule(step.steps());`

    /// Always the same rate.
    struct constant_schedule
    {
        double learning_rate;
        constexpr double operator()(std::int64_t) const { return learning_rate; }
    };

    /// The rate times `factor` after every `every` steps.
    struct step_schedule
    {
        double learning_rate;
        std::int64_t every;
        double factor = 0.1;
        double operator()(std::int64_t step) const
        {
            return learning_rate * std::pow(factor, static_cast<double>(step / every));
        }
    };

    /// From the rate down to `final_rate` along half a cosine over `steps` (Loshchilov and Hutter 2017), then constant.
    struct cosine_schedule
    {
        double learning_rate;
        std::int64_t steps;
        double final_rate = 0;
        double operator()(std::int64_t step) const
        {
            const double done = step < steps ? static_cast<double>(step) / static_cast<double>(steps) : 1.0;
            return final_rate + (learning_rate - final_rate) * (1 + std::cos(std::numbers::pi * done)) / 2;
        }
    };

    /// Another schedule after a linear rise from 0 over `steps`: `warmup_schedule{100, cosine_schedule{1e-3, 900}}`.
    template <class Then>
    struct warmup_schedule
    {
        std::int64_t steps;
        Then then;
        double operator()(std::int64_t step) const
        {
            return step < steps ? then(0) * static_cast<double>(step + 1) / static_cast<double>(steps) : then(step - steps);
        }
    };
    template <class Then>
    warmup_schedule(std::int64_t, Then) -> warmup_schedule<Then>;

    /// One cycle (Smith and Topin 2018) with PyTorch's defaults: from largest / 25 up to `largest` over the first 30 % of
    /// the steps, then down to largest / 250000, both along half a cosine.
    struct one_cycle_schedule
    {
        double largest;
        std::int64_t steps;
        double rise = 0.3;
        double start_divisor = 25;
        double final_divisor = 1e4;
        double operator()(std::int64_t step) const
        {
            const double top = rise * static_cast<double>(steps) - 1, end = static_cast<double>(steps) - 1;
            const double at = static_cast<double>(step), start = largest / start_divisor;
            const auto between = [](double from, double to, double done)
            { return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * done)); };
            if (at <= top)
                return between(start, largest, at / top);
            return between(largest, start / final_divisor, at >= end ? 1.0 : (at - top) / (end - top));
        }
    };
}
