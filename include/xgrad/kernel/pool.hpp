// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/pool_pairs.hpp>
#include <xgrad/kernel/pool_rows.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The larger of two; a NaN is largest.
    struct pool_max
    {
        static constexpr bool divides = false;
        template <class T>
        static constexpr T start = -std::numeric_limits<T>::infinity();
        template <class T>
        static constexpr T combine(T a, T b)
        {
            return b > a || b != b ? b : a;
        }
        template <class T, class Arch>
        static xsimd::batch<T, Arch> combine(const xsimd::batch<T, Arch>& a, const xsimd::batch<T, Arch>& b)
        {
            return xsimd::select(b > a || is_nan(b), b, a);
        }
    };
    /// The sum, which becomes the mean.
    struct pool_mean
    {
        static constexpr bool divides = true;
        template <class T>
        static constexpr T start = T(0);
        template <class T>
        static constexpr T combine(const T& a, const T& b)
        {
            return a + b;
        }
    };

    namespace detail
    {
        /// to[i] = Reduction of to[i] and x[i].
        template <class Reduction, class T, class Arch>
        void pool_row(const T* x, std::ptrdiff_t count, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = batch::size;
            std::ptrdiff_t i = 0;
            for (; i + width <= count; i += width)
                Reduction::combine(batch::load_unaligned(to + i), batch::load_unaligned(x + i)).store_unaligned(to + i);
            for (; i < count; ++i)
                to[i] = Reduction::combine(to[i], x[i]);
        }

        /// to[i] = x[i * stride].
        template <class T>
        void every(const T* x, std::ptrdiff_t stride, std::ptrdiff_t count, T* to)
        {
            if (stride == 1)
                std::copy_n(x, count, to);
            else if (stride == 2) // compilers turn a known stride into shuffles
                for (std::ptrdiff_t i = 0; i < count; ++i)
                    to[i] = x[2 * i];
            else
                for (std::ptrdiff_t i = 0; i < count; ++i)
                    to[i] = x[i * stride];
        }

        /// Windows of a row combined, and then the rows that a window sees, in registers.
        template <class Reduction, class T, class Arch>
        class combined_rows : pool_rows<T, Arch>
        {
            using typename pool_rows<T, Arch>::batch;
            using pool_rows<T, Arch>::e, pool_rows<T, Arch>::margin, pool_rows<T, Arch>::pitch, pool_rows<T, Arch>::width;

        public:
            using pool_rows<T, Arch>::fit;
            /// Elements of memory.
            static constexpr std::ptrdiff_t size(const pool_extents& e)
            {
                const pool_rows<T, Arch> of(e);
                return of.sorted_pitch() + (of.inputs_kept + 1) * of.pitch;
            }
            combined_rows(const pool_extents& e, T* memory)
                : pool_rows<T, Arch>(e), sorted(memory), divisors(sorted + this->sorted_pitch()), combined(divisors + pitch)
            {
                this->list_taps();
                std::fill(sorted, divisors, Reduction::template start<T>);
                for (std::ptrdiff_t o = 0; o < pitch; ++o)
                    divisors[o] = static_cast<T>(o < e.axis[2].out ? e.axis[2](o).divisor : 1);
            }
            void plane(const T* x, T* to, const T* to_end)
            {
                const auto& [d, h, v] = e.axis;
                std::ptrdiff_t begun = 0;
                for (std::ptrdiff_t row = 0; row < d.out * h.out; ++row, to += v.out)
                {
                    for (; begun < this->inputs_for(row); ++begun)
                        along(x + begun * v.in, combined + this->input(begun) * pitch);
                    this->list_seen(row);
                    [[maybe_unused]] const batch area(
                        Reduction::divides ? static_cast<T>(d(row / h.out).divisor * h(row % h.out).divisor) : T(1));
                    for (std::ptrdiff_t o = 0; o < v.out; o += width)
                    {
                        batch total(Reduction::template start<T>);
                        for (std::size_t k = 0; k < static_cast<std::size_t>(this->row_count); ++k)
                            total = Reduction::combine(total, batch::load_unaligned(combined + this->rows[k].at * pitch + o));
                        if constexpr (Reduction::divides)
                            total = total / (area * batch::load_unaligned(divisors + o));
                        this->write(total, to + o, v.out - o, to_end);
                    }
                }
            }

        private:
            void along(const T* x, T* to) const
            {
                const pool_axis& v = e.axis[2];
                this->sort(x, sorted + margin);
                for (std::ptrdiff_t o = 0; o < v.out; o += width)
                {
                    batch total(Reduction::template start<T>);
                    for (std::size_t k = 0; k < static_cast<std::size_t>(v.taps); ++k)
                        total = Reduction::combine(total, batch::load_unaligned(sorted + margin + this->taps[k].at + o));
                    total.store_unaligned(to + o);
                }
            }

            T *sorted, *divisors, *combined;
        };

        /// One row of outputs from the combined rows that it sees. What stands side by side is sorted by its place modulo
        /// the stride first, into `room`: then every tap is a run of neighbours.
        template <class Reduction, class T, class Arch>
        void pool_columns(const pool_axis& v, const T* from, T* to, T* room)
        {
            std::fill_n(to, v.out, Reduction::template start<T>);
            if (v.adaptive)
            {
                for (std::ptrdiff_t o = 0; o < v.out; ++o)
                {
                    const pool_range at = v(o);
                    for (std::ptrdiff_t k = 0; k < at.count; ++k)
                        to[o] = Reduction::combine(to[o], from[at.first + k]);
                }
                return;
            }
            const std::ptrdiff_t run = v.run();
            for (std::ptrdiff_t phase = 0; phase < v.stride; ++phase)
            {
                T* const sorted = room + phase * run;
                const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>((v.padding - phase + v.stride - 1) / v.stride, 0, run);
                const std::ptrdiff_t last =
                    std::clamp<std::ptrdiff_t>((v.in + v.padding - phase + v.stride - 1) / v.stride, first, run);
                std::fill_n(sorted, first, Reduction::template start<T>);
                every(from + first * v.stride + phase - v.padding, v.stride, last - first, sorted + first);
                std::fill_n(sorted + last, run - last, Reduction::template start<T>);
            }
            for (std::ptrdiff_t tap = 0; tap < v.taps; ++tap)
            {
                const std::ptrdiff_t at = tap * v.dilation;
                pool_row<Reduction, T, Arch>(room + at % v.stride * run + at / v.stride, v.out, to);
            }
        }

        /// Windows of any kind: the rows that a window sees are combined first, element by element, then what stands side by
        /// side.
        template <class Reduction, class T, class Arch>
        void pool_by_columns(const pool_extents& e, const T* x, T* y, T* workspace)
        {
            const auto& [d, h, v] = e.axis;
            T *const row = workspace, *const room = row + v.in;
            for (std::ptrdiff_t od = 0; od < d.out; ++od)
                for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, y += v.out)
                {
                    const pool_range at_d = d(od), at_h = h(oh);
                    const auto seen = [&](std::ptrdiff_t i, std::ptrdiff_t j)
                    { return x + ((at_d.first + i * d.dilation) * h.in + at_h.first + j * h.dilation) * v.in; };
                    const T* from = seen(0, 0);
                    if (at_d.count * at_h.count != 1)
                    {
                        std::fill_n(row, v.in, Reduction::template start<T>);
                        for (std::ptrdiff_t i = 0; i < at_d.count; ++i)
                            for (std::ptrdiff_t j = 0; j < at_h.count; ++j)
                                pool_row<Reduction, T, Arch>(seen(i, j), v.in, row);
                        from = row;
                    }
                    pool_columns<Reduction, T, Arch>(v, from, y, room);
                    if constexpr (Reduction::divides)
                        for (std::ptrdiff_t o = 0; o < v.out; ++o)
                            y[o] /= static_cast<T>(at_d.divisor * at_h.divisor * v(o).divisor);
                }
        }

        /// Element by element.
        template <class Reduction, class T>
        constexpr void pool_by_elements(const pool_extents& e, const T* x, T* y)
        {
            e.each_output(
                [&](std::ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                {
                    T total = Reduction::template start<T>;
                    e.each_input(d, h, v, [&](std::ptrdiff_t at) { total = Reduction::combine(total, x[at]); });
                    y[o] = Reduction::divides ? total / static_cast<T>(d.divisor * h.divisor * v.divisor) : total;
                });
        }
    }

    /// Elements of workspace that `pool` needs.
    template <class T, class Arch = default_arch>
    constexpr std::ptrdiff_t pool_workspace(const pool_extents& e)
    {
        const pool_axis& v = e.axis[2];
        using rows = detail::combined_rows<pool_max, T, Arch>;
        return rows::fit(e) ? rows::size(e) : v.in + v.stride * v.run();
    }

    /// y = the maximum or the mean of every window. done(first, last) is called when planes are final.
    template <class Reduction, class T, class Arch = default_arch>
    constexpr void pool(const pool_extents& e, const T* x, T* y, T* workspace, auto&& done)
    {
        const auto& [d, h, v] = e.axis;
        const std::ptrdiff_t in = e.in_size(), out = e.out_size();
        const T *const x_end = x + e.planes * in, *const y_end = y + e.planes * out;
        using rows = detail::combined_rows<Reduction, T, Arch>;
        constexpr std::ptrdiff_t width = xsimd::batch<T, Arch>::size;
        if (std::is_constant_evaluated() || (!e.is_quads() && !rows::fit(e) && v.out < 4 && v.in < 2 * width))
            e.each_plane(out, done, [&](std::ptrdiff_t plane)
                         { detail::pool_by_elements<Reduction>(e, x + plane * in, y + plane * out); });
        else if (e.is_quads())
            e.each_plane(out, done,
                         [&](std::ptrdiff_t plane)
                         {
                             const T* from = x + plane * in;
                             T* to = y + plane * out;
                             for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, from += 2 * v.in, to += v.out)
                                 detail::pool_quads<Reduction, T, Arch>(from, v.in, x_end, v.out, to, y_end);
                         });
        else if (rows::fit(e))
            [&] // what is not for constant expressions stands in functions of its own
            {
                rows of(e, workspace);
                e.each_plane(out, done, [&](std::ptrdiff_t plane) { of.plane(x + plane * in, y + plane * out, y_end); });
            }();
        else
            e.each_plane(out, done, [&](std::ptrdiff_t plane)
                         { detail::pool_by_columns<Reduction, T, Arch>(e, x + plane * in, y + plane * out, workspace); });
    }
}
