// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>

#include <algorithm>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// What batch norm, a residual connection and an activation make of the outputs of a convolution: y scale + shift of their
    /// channel, + residual, limited. A tile of outputs is finished as soon as it is summed, from the first-level cache; the loop
    /// over blocks that other expressions take finds them in the second (MobileNet v2: 12 % of a prediction).
    template <class T>
    struct channel_finish
    {
        const T *scale = nullptr, *shift = nullptr; // of every channel, or nothing
        const T *y = nullptr, *residual = nullptr;  // where outputs begin, and what is added to them, or nothing
        bool limited = false;
        T low = 0, high = 0;

        constexpr channel_finish from(std::ptrdiff_t channel) const
        {
            channel_finish next = *this;
            next.scale += scale ? channel : 0;
            next.shift += shift ? channel : 0;
            return next;
        }

        /// Finishes the first outputs of channels whose rows are `stride` apart, the first of them `channel`.
        template <class Arch>
        void run(std::ptrdiff_t channel, T* to, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t columns) const
        {
            using lanes = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = lanes::size;
            for (std::ptrdiff_t row = 0; row < rows; ++row)
            {
                T* const at = to + row * stride;
                const T* const more = residual ? residual + (at - y) : nullptr;
                const T factor = scale ? scale[channel + row] : T(1), sum = shift ? shift[channel + row] : T(0);
                const auto finish = [&]<class V>(V x, std::ptrdiff_t j, auto&& load)
                {
                    x = x * V(factor) + V(sum);
                    if (more)
                        x = x + load(more + j);
                    return limited ? limit(x, V(low), V(high)) : x;
                };
                const auto whole = [](const T* from) { return lanes::load_unaligned(from); };
                if (columns < width)
                {
                    for (std::ptrdiff_t j = 0; j < columns; ++j)
                        at[j] = finish(at[j], j, [](const T* from) { return *from; });
                    continue;
                }
                // the last register overlaps the one before it: read before that is written
                const std::ptrdiff_t last = columns - width;
                const lanes end = whole(at + last);
                for (std::ptrdiff_t j = 0; j < last; j += width)
                    finish(whole(at + j), j, whole).store_unaligned(at + j);
                finish(end, last, whole).store_unaligned(at + last);
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

    private:
        // a NaN stays
        template <class V>
        static V limit(const V& x, const V& low, const V& high)
        {
            return kernel::select(x < low, low, kernel::select(x > high, high, x));
        }
    };
}
