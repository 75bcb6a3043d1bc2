// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/rows.hpp>
#include <xgrad/kernel/workers.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The Euclidean norm of a vector.
    template <class T>
    constexpr T norm(const T* x, std::ptrdiff_t count)
    {
        return kernel::sqrt(reduce_row<add_reduction>(x, count, [](const auto& v) { return v * v; }));
    }

    /// One pass over parameters, gradients and optimizer state: Optimizer::update on every lane.
    /// Operands: parameters, gradients, scalars, states..., and the gradients' norm if the optimizer reads it.
    template <class Optimizer, class T>
    constexpr void update(const call& c)
    {
        constexpr std::size_t states = Optimizer::names.size(), scalars = Optimizer::scalar_count;
        T* p = c.out.data.template as<T>();
        const T* g = c.in[1].data.template as<T>();
        const T* numbers = c.in[2].data.template as<T>();
        std::array<T*, states> state{};
        for (std::size_t k = 0; k < states; ++k)
            state[k] = c.in[3 + k].data.template as<T>();
        T scale = 1;
        if constexpr (requires { Optimizer::reads_norm; })
            scale = Optimizer::scale(*c.in[3 + states].data.template as<T>(), numbers);
        const std::ptrdiff_t count = c.out.extents.size();

        // buffers begin and end on cache lines, so there is no remainder at run time
        const auto run =
            [&]<class V>(std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t width, auto&& load, auto&& store, V*)
        {
            std::array<V, scalars> s;
            for (std::size_t k = 0; k < scalars; ++k)
                s[k] = V(numbers[k]);
            const V factor(scale);
            for (std::ptrdiff_t i = first; i < last; i += width)
            {
                V value = load(p + i);
                std::array<V, states> own;
                for (std::size_t k = 0; k < states; ++k)
                    own[k] = load(state[k] + i);
                Optimizer::update(value, V(load(g + i) * factor), own, s);
                store(value, p + i);
                for (std::size_t k = 0; k < states; ++k)
                    store(own[k], state[k] + i);
            }
        };
        if (std::is_constant_evaluated())
            run(0, count, 1, [](const T* at) { return *at; }, [](T v, T* at) { *at = v; }, static_cast<T*>(nullptr));
        else
        {
            using batch = xsimd::batch<T, default_arch>;
            const auto vectors = [&](std::ptrdiff_t first, std::ptrdiff_t last)
            {
                run(
                    first, last, static_cast<std::ptrdiff_t>(batch::size),
                    [](const T* at) { return batch::load_unaligned(at); }, [](const batch& v, T* at) { v.store_unaligned(at); },
                    static_cast<batch*>(nullptr));
            };
            share(c.threads, count, fewest_shared_elements / 2, 64, vectors);
        }
    }
}
