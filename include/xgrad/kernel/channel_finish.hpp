// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// What batch norm, a residual connection and an activation make of the outputs of a convolution: y scale + shift of their
    /// channel, + residual, limited to [low, high]. A product finishes its tiles in registers; the loop over blocks that other expressions take
    /// finds them in the second-level cache (MobileNet v2: 18 % of a prediction).
    template <class T>
    struct channel_finish
    {
        const T *scale = nullptr, *shift = nullptr; // of every channel, or nothing
        const T *y = nullptr, *residual = nullptr;  // where outputs begin, and what is added to them, or nothing
        T low = -std::numeric_limits<T>::infinity(), high = std::numeric_limits<T>::infinity();

        constexpr channel_finish from(std::ptrdiff_t channel) const
        {
            channel_finish next = *this;
            next.scale += scale ? channel : 0;
            next.shift += shift ? channel : 0;
            return next;
        }

        /// Finishes outputs of one channel, lanes of them or one: x, which belongs at `to`.
        template <class V>
        struct row
        {
            V scale, shift, low, high;
            std::ptrdiff_t to_residual; // from y
            bool adds;

            [[gnu::always_inline]] V operator()(V x, const T* to) const
            {
                x = x * scale + shift;
                if (adds)
                    x = x + load(to + to_residual);
                return kernel::clamp(x, low, high);
            }
            static V load(const T* from)
            {
                if constexpr (std::is_same_v<V, T>)
                    return *from;
                else
                    return V::load_unaligned(from);
            }
        };
        template <class V>
        [[gnu::always_inline]] row<V> of_row(std::ptrdiff_t channel) const
        {
            return {V(scale ? scale[channel] : T(1)),
                    V(shift ? shift[channel] : T(0)),
                    V(low),
                    V(high),
                    residual ? residual - y : 0,
                    residual != nullptr};
        }

        /// Finishes the first outputs of channels whose rows are `stride` apart, the first of them `channel`.
        template <class Arch>
        void run(std::ptrdiff_t channel, T* to, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t columns) const
        {
            using lanes = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = lanes::size;
            for (std::ptrdiff_t i = 0; i < rows; ++i)
            {
                T* const at = to + i * stride;
                if (columns < width)
                {
                    const row<T> finish = of_row<T>(channel + i);
                    for (std::ptrdiff_t j = 0; j < columns; ++j)
                        at[j] = finish(at[j], at + j);
                    continue;
                }
                const row<lanes> finish = of_row<lanes>(channel + i);
                // the last register overlaps the one before it: read before that is written
                T* const last = at + columns - width;
                const lanes end = lanes::load_unaligned(last);
                for (T* j = at; j < last; j += width)
                    finish(lanes::load_unaligned(j), j).store_unaligned(j);
                finish(end, last).store_unaligned(last);
            }
        }

        /// Finishes the outputs [first, last) of a tensor [.., channels, size].
        template <class Arch>
        void run(T* to, std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t channels, std::ptrdiff_t size) const
        {
            for (std::ptrdiff_t next; first < last; first = next)
            {
                next = std::min(last, (first / size + 1) * size);
                run<Arch>(first / size % channels, to + first, 0, 1, next - first);
            }
        }
    };
}
