// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>
#include <xgrad/optim/optimizer.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        template <std::size_t Count>
        constexpr std::array<double, Count + 1> appended(const std::array<double, Count>& numbers, double last)
        {
            std::array<double, Count + 1> result{};
            for (std::size_t k = 0; k < Count; ++k)
                result[k] = numbers[k];
            result[Count] = last;
            return result;
        }

        template <class V, std::size_t Count>
        constexpr std::array<V, Count - 1> without_last(const std::array<V, Count>& numbers)
        {
            std::array<V, Count - 1> result;
            for (std::size_t k = 0; k + 1 < Count; ++k)
                result[k] = numbers[k];
            return result;
        }
    }

    /// An optimizer whose gradients are first scaled so that their norm, taken over all parameters, is at most `norm`
    /// (Pascanu et al. 2013): `clip_by_norm{adam{}, 1.0}`.
    template <class Optimizer>
    struct clip_by_norm : Optimizer
    {
        double norm = 1;

        static constexpr bool reads_norm = true;
        static constexpr int scalar_count = Optimizer::scalar_count + 1;
        static constexpr int flops = Optimizer::flops + 1;

        constexpr auto scalars(std::int64_t step) const { return detail::appended(Optimizer::scalars(step), norm); }

        template <class T>
        static constexpr T scale(T of_gradients, const T* numbers)
        {
            const T factor = numbers[scalar_count - 1] / (of_gradients + T(1e-6));
            return factor < 1 ? factor : T(1);
        }

        template <class V, std::size_t States>
        static constexpr void update(V& p, V g, std::array<V, States>& state, const std::array<V, scalar_count>& s)
        {
            Optimizer::update(p, g, state, detail::without_last(s));
        }
    };
    template <class Optimizer>
    clip_by_norm(Optimizer, double) -> clip_by_norm<Optimizer>;

    /// An optimizer whose gradients are first limited to [-limit, limit], each by itself: `clip_by_value{sgd{}, 0.5}`.
    template <class Optimizer>
    struct clip_by_value : Optimizer
    {
        double limit = 1;

        static constexpr int scalar_count = Optimizer::scalar_count + 1;
        static constexpr int flops = Optimizer::flops + 2;

        constexpr auto scalars(std::int64_t step) const { return detail::appended(Optimizer::scalars(step), limit); }

        template <class V, std::size_t States>
        static constexpr void update(V& p, V g, std::array<V, States>& state, const std::array<V, scalar_count>& s)
        {
            const V limit = s[scalar_count - 1];
            Optimizer::update(p, kernel::minimum(limit, kernel::maximum(V(-limit), g)), state, detail::without_last(s));
        }
    };
    template <class Optimizer>
    clip_by_value(Optimizer, double) -> clip_by_value<Optimizer>;
}
