// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/pool_window.hpp>

#include <algorithm>
#include <array>
#include <bit>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// How windows meet rows in registers, for strides of 1 and 2. Inputs are sorted by their column modulo the stride, so
    /// that every tap of a row of windows is a run of neighbours. Of a plane of two axes only the rows that meet are kept,
    /// in rings, which stay in the first-level cache. Rows have room around them: registers may begin before and end behind.
    template <class T, class Arch>
    struct pool_rows
    {
        using batch = xsimd::batch<T, Arch>;
        static constexpr std::ptrdiff_t width = batch::size, most_taps = 128;

        /// What meets: where it lies, and the number of the tap, or of the row's first one.
        struct meeting
        {
            std::ptrdiff_t at, number;
        };

        pool_extents e;
        /// Room around rows, their distance, and how many of them are kept.
        std::ptrdiff_t margin, pitch, inputs_kept, outputs_kept;
        std::ptrdiff_t row_count = 0, evens = 0;
        std::array<meeting, most_taps> rows, taps, taps_by_phase;
        std::array<T, most_taps> numbers;

        /// Whether rows go through registers, and windows do; elsewhere single elements are as fast.
        static constexpr bool fit(const pool_axis& v)
        {
            return width > 1 && !v.adaptive && v.stride <= 2 && v.out >= 4 && v.taps <= most_taps;
        }
        static constexpr bool fit(const pool_extents& e)
        {
            const auto& [d, h, v] = e.axis;
            return fit(v) && v.taps * h.taps <= most_taps && v.taps * h.taps * d.taps <= most_taps;
        }
        constexpr explicit pool_rows(const pool_extents& extents) : e(extents)
        {
            const auto& [d, h, v] = e.axis;
            const std::ptrdiff_t reach = (h.taps - 1) * h.dilation;
            const auto ring = [](std::ptrdiff_t rows, std::ptrdiff_t all)
            {
                const auto kept = static_cast<std::ptrdiff_t>(std::bit_ceil(static_cast<std::size_t>(rows)));
                return kept < all ? kept : all;
            };
            margin = whole(std::max((v.padding + v.stride - 1) / v.stride, (v.taps - 1) * v.dilation / v.stride));
            pitch = 2 * margin + whole(std::max(v.out, columns()));
            inputs_kept = d.in > 1 ? d.in * h.in : ring(reach + 1, h.in);
            outputs_kept = d.in > 1 ? d.out * h.out : ring(h.seeing() + 1, h.out);
        }
        static constexpr std::ptrdiff_t whole(std::ptrdiff_t places) { return (places + width - 1) / width * width; }
        /// Columns of one phase.
        constexpr std::ptrdiff_t columns() const { return (e.axis[2].in + e.axis[2].stride - 1) / e.axis[2].stride; }
        constexpr std::ptrdiff_t sorted_pitch() const { return e.axis[2].stride * pitch; }

        /// Where rows of a plane are kept: of a power of two, or of all there are.
        static std::ptrdiff_t slot(std::ptrdiff_t row, std::ptrdiff_t kept) { return row < kept ? row : row & (kept - 1); }
        std::ptrdiff_t input(std::ptrdiff_t row) const { return slot(row, inputs_kept); }
        std::ptrdiff_t output(std::ptrdiff_t row) const { return slot(row, outputs_kept); }

        /// How many rows of inputs a row of outputs waits for, and the other way round.
        std::ptrdiff_t inputs_for(std::ptrdiff_t output) const
        {
            const auto& [d, h, v] = e.axis;
            return d.in > 1 ? d.in * h.in : std::clamp<std::ptrdiff_t>(h.at(output, h.taps - 1) + 1, 0, h.in);
        }
        std::ptrdiff_t outputs_for(std::ptrdiff_t input) const
        {
            const auto& [d, h, v] = e.axis;
            return d.in > 1 ? d.out * h.out : h.seen_by(input);
        }

        /// Sorts a row; what is around it is left alone.
        void sort(const T* x, T* to) const
        {
            const pool_axis& v = e.axis[2];
            if (v.stride == 1)
                std::copy_n(x, v.in, to);
            else
            {
                split_run<T, Arch>(x, v.in / 2, to, to + pitch);
                if (v.in % 2 == 1)
                    to[v.in / 2] = x[v.in - 1];
            }
        }

        void list_taps()
        {
            const pool_axis& v = e.axis[2];
            const std::ptrdiff_t before = (v.padding + v.stride - 1) / v.stride;
            std::size_t sorted = 0;
            for (std::ptrdiff_t phase = 0; phase < v.stride; ++phase)
            {
                evens = static_cast<std::ptrdiff_t>(sorted);
                for (std::ptrdiff_t tap = v.taps - 1; tap >= 0; --tap)
                    if (const std::ptrdiff_t place = v.at(before, tap); place % v.stride == phase)
                    {
                        const std::ptrdiff_t shift = place / v.stride - before;
                        taps[static_cast<std::size_t>(tap)] = {phase * pitch + shift, tap};
                        taps_by_phase[sorted++] = {-shift, tap};
                    }
            }
            if (v.stride == 1)
                evens = v.taps;
            for (std::size_t k = 0; k < numbers.size(); ++k)
                numbers[k] = static_cast<T>(k);
        }
        void list(const meeting& row) { rows[static_cast<std::size_t>(row_count++)] = row; }
        /// Lists the rows that a row of outputs sees.
        void list_seen(std::ptrdiff_t output)
        {
            const auto& [d, h, v] = e.axis;
            const std::ptrdiff_t od = d.out > 1 ? output / h.out : 0, oh = output - od * h.out;
            row_count = 0;
            for (std::ptrdiff_t i = 0; i < d.taps; ++i)
                for (std::ptrdiff_t j = 0; j < h.taps; ++j)
                    if (const auto id = d.at(od, i), ih = h.at(oh, j); id >= 0 && id < d.in && ih >= 0 && ih < h.in)
                        list({input(id * h.in + ih), (i * h.taps + j) * v.taps});
        }
        /// Lists the rows of outputs that see a row of inputs, so far apart in memory.
        void list_seeing(std::ptrdiff_t id, std::ptrdiff_t ih, std::ptrdiff_t distance)
        {
            const auto& [d, h, v] = e.axis;
            row_count = 0;
            d.each_seeing(id,
                          [&](std::ptrdiff_t od, std::ptrdiff_t i)
                          {
                              h.each_seeing(ih, [&](std::ptrdiff_t oh, std::ptrdiff_t j)
                                            { list({output(od * h.out + oh) * distance, (i * h.taps + j) * v.taps}); });
                          });
        }

        /// Writes a register, of which the last elements may lie behind the row: where later rows write again, or not at
        /// all near the end.
        static void write(const batch& values, T* to, std::ptrdiff_t left, const T* end)
        {
            if (end - to >= width)
                return values.store_unaligned(to);
            T part[width];
            values.store_unaligned(part);
            std::copy_n(part, std::clamp<std::ptrdiff_t>(left, 0, width), to);
        }

        /// A row of inputs: the sums of value(number of the tap, place) over the listed rows of outputs, in their order.
        void gather(auto&& value, T* to, const T* end) const
        {
            const pool_axis& v = e.axis[2];
            const auto sum = [&](std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t i)
            {
                batch total(T(0));
                for (const meeting *row = rows.data(), *const end = row + row_count; row < end; ++row)
                    for (const meeting *tap = taps_by_phase.data() + first, *const end = taps_by_phase.data() + last; tap < end;
                         ++tap)
                        total += value(row->number + tap->number, row->at + tap->at + i);
                return total;
            };
            for (std::ptrdiff_t i = 0; i < columns(); i += width)
                if (v.stride == 1)
                    write(sum(0, evens, i), to + i, v.in - i, end);
                else if constexpr (width > 1)
                {
                    const auto [low, high] = join_pairs(sum(0, evens, i), sum(evens, v.taps, i));
                    write(low, to + 2 * i, v.in - 2 * i, end);
                    write(high, to + 2 * i + width, v.in - 2 * i - width, end);
                }
        }
    };
}
