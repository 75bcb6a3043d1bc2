// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>
#include <xgrad/kernel/patches.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // One channel in, one channel out: a product of matrices would have a single row. Instead every row of outputs is
    // summed in registers from shifted rows of the padded channel.

    /// Where every tap of a window begins in a padded channel; more taps than this go through it in several rounds.
    inline constexpr std::ptrdiff_t most_taps = 64;

    template <class T>
    struct tap_table
    {
        const T* at[most_taps];
        std::ptrdiff_t first, count;

        tap_table(const padded_image<T>& image, std::ptrdiff_t begin)
            : first(begin), count(std::min(most_taps, image.extents().taps() - begin))
        {
            tap_walk walk(image.extents(), begin);
            for (std::ptrdiff_t k = 0; k < count; ++k, walk.next(image.extents()))
                at[k] = image.tap(0, walk.kd, walk.kh, walk.kv);
        }
    };

    /// to[i] (+)= sum of w[k] * at[k][offset + i], for one row of outputs.
    template <class T, class Arch>
    void depthwise_row(const tap_table<T>& taps, const T* w, std::ptrdiff_t offset, std::ptrdiff_t count, T* to)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        for (std::ptrdiff_t i = 0; i < count; i += width)
        {
            const std::ptrdiff_t left = std::min(width, count - i);
            alignas(64) T part[width]{};
            batch sum(T(0));
            if (taps.first > 0)
            {
                std::copy_n(to + i, left, part);
                sum = batch::load_aligned(part);
            }
            for (std::ptrdiff_t k = 0; k < taps.count; ++k)
                sum = multiply_add(batch(w[taps.first + k]), batch::load_unaligned(taps.at[k] + offset + i), sum);
            if (left == width)
                sum.store_unaligned(to + i);
            else
            {
                sum.store_aligned(part);
                std::copy_n(part, left, to + i);
            }
        }
    }

    void each_output_row(const convolution_extents& e, auto&& body)
    {
        const auto& [d, h, v] = e.axis;
        for (std::ptrdiff_t od = 0; od < d.out; ++od)
            for (std::ptrdiff_t oh = 0; oh < h.out; ++oh)
                body(od, oh, (od * h.out + oh) * v.out);
    }

    template <class T, class Arch>
    void depthwise(const convolution_extents& e, const T* x, const T* w, T* y, T* workspace, auto&& done)
    {
        const std::ptrdiff_t out_size = e.out_size(), taps = e.taps();
        padded_image<T> image(e);
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            image.fill(x + i * e.in_size(), workspace);
            for (std::ptrdiff_t k = 0; k < taps; k += most_taps)
            {
                const tap_table<T> table(image, k);
                each_output_row(e,
                                [&](std::ptrdiff_t od, std::ptrdiff_t oh, std::ptrdiff_t at)
                                {
                                    depthwise_row<T, Arch>(table, w + i % e.groups * taps, image.output_offset(od, oh, 0),
                                                           e.axis[2].out, y + i * out_size + at);
                                });
            }
            done(i * out_size, (i + 1) * out_size);
        }
    }

    template <class T, class Arch>
    void depthwise_weight_gradient(const convolution_extents& e, const T* g, const T* x, T* w, T* workspace)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const std::ptrdiff_t out_size = e.out_size(), taps = e.taps(), columns = e.axis[2].out;
        padded_image<T> image(e);
        std::fill_n(w, e.groups * taps, T(0));
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            image.fill(x + i * e.in_size(), workspace);
            for (std::ptrdiff_t first = 0; first < taps; first += most_taps)
            {
                const tap_table<T> table(image, first);
                for (std::ptrdiff_t k = 0; k < table.count; ++k)
                {
                    batch sum(T(0));
                    T rest = 0;
                    each_output_row(e,
                                    [&](std::ptrdiff_t od, std::ptrdiff_t oh, std::ptrdiff_t at)
                                    {
                                        const T* const from = table.at[k] + image.output_offset(od, oh, 0);
                                        const T* const slope = g + i * out_size + at;
                                        std::ptrdiff_t j = 0;
                                        for (; j + width <= columns; j += width)
                                            sum = multiply_add(batch::load_unaligned(from + j),
                                                               batch::load_unaligned(slope + j), sum);
                                        for (; j < columns; ++j)
                                            rest += from[j] * slope[j];
                                    });
                    w[i % e.groups * taps + first + k] += rest + hadd(sum);
                }
            }
        }
    }
}
