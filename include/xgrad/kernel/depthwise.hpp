// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/depthwise_halves.hpp>
#include <xgrad/kernel/depthwise_plane.hpp>
#include <xgrad/kernel/filter_3x3.hpp>
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

    /// One row of outputs: to[i] (+)= sum of w[k] * at[k][offset + i].
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
            sum.store_aligned(part);
            std::copy_n(part, left, to + i);
        }
    }

    /// One channel by 3x3 taps. Outputs are `step` apart from row to row in the padded channel; taps of a row are at 0,
    /// `second` and `third`. The weights stay in registers. Whole registers are written as far
    /// as `end` allows, over places that later rows and channels write again.
    template <class T, class Arch>
    [[gnu::noinline]] void depthwise_3x3(const T* from, std::ptrdiff_t row, std::ptrdiff_t step, std::ptrdiff_t second,
                                         std::ptrdiff_t third, const depthwise_filter<T>& by, std::ptrdiff_t rows,
                                         std::ptrdiff_t columns, T* to, const T* end)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const filter_3x3<T, Arch> filter(by);
        for (; rows > 0; --rows, from += step, to += columns)
            for (std::ptrdiff_t i = 0; i < columns; i += width)
            {
                const T *const a = from + i, *const b = a + row, *const c = b + row;
                const auto sum_of = [&](const T* x, const batch* by)
                {
                    return multiply_add(
                        by[2], batch::load_unaligned(x + third),
                        multiply_add(by[1], batch::load_unaligned(x + second), by[0] * batch::load_unaligned(x)));
                };
                const batch sum = sum_of(a, filter.weight) + sum_of(b, filter.weight + 3) + sum_of(c, filter.weight + 6);
                filter.store(sum, to + i, columns - i, end);
            }
    }

    void each_output_row(const convolution_extents& e, auto&& body)
    {
        const auto& [d, h, v] = e.axis;
        for (std::ptrdiff_t od = 0; od < d.out; ++od)
            for (std::ptrdiff_t oh = 0; oh < h.out; ++oh)
                body(od, oh, (od * h.out + oh) * v.out);
    }

    /// Elements of workspace that `depthwise` needs.
    template <class T, class Arch>
    constexpr std::ptrdiff_t depthwise_workspace(const convolution_extents& e)
    {
        if (depthwise_planes<T, Arch>::fit(e))
            return depthwise_planes<T, Arch>::workspace(e);
        return depthwise_halves<T, Arch>::fit(e) ? depthwise_halves<T, Arch>::workspace(e) : padded_image<T>::size(e);
    }

    /// Windows of 3x3 finish their outputs before they are written, but for residuals, which may be read only where outputs
    /// are; `done(first, last)` is called for all others.
    template <class T, class Arch>
    void depthwise(const convolution_extents& e, const T* x, const T* w, T* y, T* workspace, auto&& done,
                   const channel_finish<T>* finish)
    {
        const std::ptrdiff_t in_size = e.in_size(), out_size = e.out_size(), taps = e.taps(), all = e.batch * e.groups;
        const T *const behind = x + all * in_size, *const end = y + all * out_size;
        const auto& [d, h, v] = e.axis;
        const bool is_3x3 = h.taps == 3 && v.taps == 3 && d.taps * d.out == 1;
        if (!is_3x3 || (finish && finish->residual))
            finish = nullptr;
        const auto each_channel = [&](auto&& run)
        {
            const T* from = x;
            T *to = y, *finished = y;
            for (std::ptrdiff_t image = 0; image < e.batch; ++image)
                for (std::ptrdiff_t channel = 0; channel < e.groups; ++channel)
                {
                    run(from, depthwise_filter<T>{w + channel * taps, finish, channel}, to);
                    from += in_size;
                    to += out_size;
                    // the epilogue has a cost of its own: not for every small channel
                    if (!finish && (to - finished >= 4096 || to == end))
                    {
                        done(finished - y, to - y);
                        finished = to;
                    }
                }
        };
        if (depthwise_planes<T, Arch>::fit(e))
        {
            const depthwise_planes<T, Arch> planes(e, x, behind, workspace);
            return each_channel([&](const T* from, const auto& by, T* to) { planes.run(from, by, to, end); });
        }
        if (depthwise_halves<T, Arch>::fit(e))
        {
            const depthwise_halves<T, Arch> halves(e, behind, workspace);
            return each_channel([&](const T* from, const auto& by, T* to) { halves.run(from, by, to, end); });
        }
        padded_image<T> image(e);
        image.use(workspace);
        each_channel(
            [&](const T* channel, const auto& by, T* to)
            {
                image.fill(channel);
                if (is_3x3)
                {
                    const T* const from = image.tap(0, 0, 0, 0);
                    depthwise_3x3<T, Arch>(from, image.tap(0, 0, 1, 0) - from, image.output_offset(0, 1, 0),
                                           image.tap(0, 0, 0, 1) - from, image.tap(0, 0, 0, 2) - from, by, h.out, v.out, to,
                                           end);
                }
                else
                    for (std::ptrdiff_t k = 0; k < taps; k += most_taps)
                    {
                        const tap_table<T> table(image, k);
                        each_output_row(
                            e, [&](std::ptrdiff_t od, std::ptrdiff_t oh, std::ptrdiff_t at)
                            { depthwise_row<T, Arch>(table, by.w, image.output_offset(od, oh, 0), v.out, to + at); });
                    }
            });
    }

    template <class T, class Arch>
    void depthwise_weight_gradient(const convolution_extents& e, const T* g, const T* x, T* w, T* workspace)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const std::ptrdiff_t out_size = e.out_size(), taps = e.taps(), columns = e.axis[2].out;
        padded_image<T> image(e);
        image.use(workspace);
        std::fill_n(w, e.groups * taps, T(0));
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            image.fill(x + i * e.in_size());
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
