// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

#include <array>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // The gradient of a convolution's inputs where strides leave gaps: every tap of every output adds to the input that it saw.

    /// to[Stride * i] += from[i] for strides of 1 and 2, in whole registers (zeros are added to what lies between and behind)
    /// as far as both ends allow.
    template <std::ptrdiff_t Stride, class T, class Arch>
    void add_run(const T* from, const T* from_end, std::ptrdiff_t count, T* to, const T* to_end)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        std::ptrdiff_t i = 0;
        if constexpr (width > 1)
        {
            static constexpr auto numbers = []
            {
                std::array<T, batch::size> result{};
                for (std::size_t lane = 0; lane < batch::size; ++lane)
                    result[lane] = static_cast<T>(lane);
                return result;
            }();
            for (; i < count && from_end - from - i >= width && to_end - to - Stride * i >= Stride * width; i += width)
            {
                const batch zero(T(0)),
                    own = xsimd::select(batch::load_unaligned(numbers.data()) < batch(static_cast<T>(count - i)),
                                        batch::load_unaligned(from + i), zero);
                T* const at = to + Stride * i;
                if constexpr (Stride == 1)
                    (batch::load_unaligned(at) + own).store_unaligned(at);
                else
                {
                    const auto [low, high] = join_pairs(own, zero);
                    (batch::load_unaligned(at) + low).store_unaligned(at);
                    (batch::load_unaligned(at + width) + high).store_unaligned(at + width);
                }
            }
        }
        for (; i < count; ++i)
            to[Stride * i] += from[i];
    }

    /// x[channel][input] += columns[channel and tap][output] wherever a tap meets an input.
    template <class T, class Arch>
    void scatter(const convolution_extents& e, std::ptrdiff_t channels, const T* columns, T* x)
    {
        const auto& [d, h, v] = e.axis;
        const T *const x_end = x + channels * e.in_size(), *const columns_end = columns + channels * e.taps() * e.out_size();
        for (std::ptrdiff_t c = 0; c < channels; ++c, x += e.in_size())
            for (std::ptrdiff_t kd = 0; kd < d.taps; ++kd)
                for (std::ptrdiff_t kh = 0; kh < h.taps; ++kh)
                    for (std::ptrdiff_t kv = 0; kv < v.taps; ++kv, columns += e.out_size())
                        for (std::ptrdiff_t od = d.first(kd); od < d.last(kd); ++od)
                            for (std::ptrdiff_t oh = h.first(kh); oh < h.last(kh); ++oh)
                            {
                                const T* const from = columns + (od * h.out + oh) * v.out;
                                T* const to = x + (d.at(od, kd) * h.in + h.at(oh, kh)) * v.in + v.at(0, kv);
                                const std::ptrdiff_t first = v.first(kv), last = v.last(kv);
                                if (v.stride == 1)
                                    add_run<1, T, Arch>(from + first, columns_end, last - first, to + first, x_end);
                                else if (v.stride == 2)
                                    add_run<2, T, Arch>(from + first, columns_end, last - first, to + 2 * first, x_end);
                                else
                                    for (std::ptrdiff_t ov = first; ov < last; ++ov)
                                        to[ov * v.stride] += from[ov];
                            }
    }
}
