// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/pool_pairs.hpp>
#include <xgrad/kernel/pool_rows.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        // What is computed, element by element, for one plane.

        template <class T>
        constexpr void place_slopes(const pool_extents& e, const T* g, const T* x, T* to)
        {
            for (std::ptrdiff_t i = 0; i < e.in_size(); ++i)
                to[i] = 0;
            e.each_output(
                [&](std::ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                {
                    if (d.count * h.count * v.count > 0)
                        to[e.largest(x, d, h, v)] += g[o];
                });
        }
        template <class T>
        constexpr void pick_largest(const pool_extents& e, const T* from, const T* x, T* to)
        {
            e.each_output([&](std::ptrdiff_t o, const pool_range& d, const pool_range& h, const pool_range& v)
                          { to[o] = d.count * h.count * v.count > 0 ? from[e.largest(x, d, h, v)] : T(0); });
        }

        /// What finds the first of the largest inputs of windows: first in every row, then among the rows that a window sees.
        template <class T, class Arch>
        struct max_rows : pool_rows<T, Arch>
        {
            using typename pool_rows<T, Arch>::batch;
            using pool_rows<T, Arch>::e, pool_rows<T, Arch>::margin, pool_rows<T, Arch>::pitch, pool_rows<T, Arch>::width;
            static constexpr T none = -std::numeric_limits<T>::infinity();
            T *sorted, *first_taps, *largest, *places;
            std::ptrdiff_t begun = 0;

            /// Elements of memory.
            static constexpr std::ptrdiff_t size(const pool_rows<T, Arch>& of)
            {
                return of.sorted_pitch() + (1 + 2 * of.inputs_kept) * of.pitch;
            }
            max_rows(const pool_extents& e, T* memory)
                : pool_rows<T, Arch>(e), sorted(memory), first_taps(sorted + this->sorted_pitch()), largest(first_taps + pitch),
                  places(largest + this->inputs_kept * pitch)
            {
                this->list_taps();
                std::fill(sorted, first_taps, none);
                const pool_axis& v = e.axis[2];
                for (std::ptrdiff_t o = 0; o < pitch; ++o)
                    first_taps[o] = o < v.out && v(o).count > 0 ? static_cast<T>(v.first_tap(o)) : none;
            }

            /// The largest of each window in one row, and the tap that sees it.
            void reduce(const T* x, std::ptrdiff_t at)
            {
                const pool_axis& v = e.axis[2];
                this->sort(x, sorted + margin);
                for (std::ptrdiff_t o = 0; o < v.out; o += width)
                {
                    batch best(none), place = batch::load_unaligned(first_taps + o);
                    for (std::size_t k = 0; k < static_cast<std::size_t>(v.taps); ++k)
                    {
                        const batch here = batch::load_unaligned(sorted + margin + this->taps[k].at + o);
                        const auto later = here > best || is_nan(here);
                        best = xsimd::select(later, here, best);
                        place = xsimd::select(later, batch(this->numbers[k]), place);
                    }
                    best.store_unaligned(largest + at * pitch + o);
                    place.store_unaligned(places + at * pitch + o);
                }
            }

            /// body(o, numbers of the taps at which windows from o on have their largest input) for a row of outputs of x.
            void find(const T* x, std::ptrdiff_t output, auto&& body)
            {
                const pool_axis& v = e.axis[2];
                for (; begun < this->inputs_for(output); ++begun)
                    reduce(x + begun * v.in, this->input(begun));
                this->list_seen(output);
                for (std::ptrdiff_t o = 0; o < v.out; o += width)
                {
                    batch best(none), number(none);
                    for (std::size_t k = 0; k < static_cast<std::size_t>(this->row_count); ++k)
                    {
                        const auto& row = this->rows[k];
                        const batch here = batch::load_unaligned(largest + row.at * pitch + o);
                        const batch own = batch::load_unaligned(places + row.at * pitch + o) +
                                          batch(this->numbers[static_cast<std::size_t>(row.number)]);
                        const auto later = here > best || is_nan(here);
                        best = k == 0 ? here : xsimd::select(later, here, best);
                        number = k == 0 ? own : xsimd::select(later, own, number);
                    }
                    body(o, number);
                }
            }
        };

        /// The same by rows in registers.
        template <class T, class Arch>
        void place_slopes(max_rows<T, Arch>& of, const T* g, const T* x, T* numbers, T* to, const T* to_end)
        {
            using batch = xsimd::batch<T, Arch>;
            const auto& [d, h, v] = of.e.axis;
            T* const slopes = numbers + of.outputs_kept * of.pitch;
            std::ptrdiff_t found = of.begun = 0;
            for (std::ptrdiff_t row = 0, id = 0; id < d.in; ++id)
                for (std::ptrdiff_t ih = 0; ih < h.in; ++ih, ++row, to += v.in)
                {
                    for (; found < of.outputs_for(row); ++found)
                    {
                        const std::ptrdiff_t at = of.output(found) * of.pitch + of.margin;
                        std::copy_n(g + found * v.out, v.out, slopes + at);
                        of.find(x, found, [own = numbers + at](std::ptrdiff_t o, const batch& number)
                                { number.store_unaligned(own + o); });
                    }
                    of.list_seeing(id, ih, of.pitch);
                    of.gather(
                        [&](std::ptrdiff_t number, std::ptrdiff_t place)
                        {
                            const std::ptrdiff_t at = of.margin + place;
                            return xsimd::select(batch::load_unaligned(numbers + at) ==
                                                     batch(of.numbers[static_cast<std::size_t>(number)]),
                                                 batch::load_unaligned(slopes + at), batch(T(0)));
                        },
                        to, to_end);
                }
        }
        template <class T, class Arch>
        void pick_largest(max_rows<T, Arch>& of, const T* from, const T* x, T* sorted, T* to, const T* to_end)
        {
            using batch = xsimd::batch<T, Arch>;
            const auto& [d, h, v] = of.e.axis;
            std::ptrdiff_t begun = of.begun = 0;
            for (std::ptrdiff_t row = 0; row < d.out * h.out; ++row, to += v.out)
            {
                for (; begun < of.inputs_for(row); ++begun)
                    of.sort(from + begun * v.in, sorted + of.input(begun) * of.sorted_pitch() + of.margin);
                of.find(x, row,
                        [&](std::ptrdiff_t o, const batch& number)
                        {
                            batch value(T(0));
                            for (std::size_t k = 0; k < static_cast<std::size_t>(of.row_count); ++k)
                                for (std::size_t tap = 0; tap < static_cast<std::size_t>(v.taps); ++tap)
                                {
                                    const std::ptrdiff_t at = of.rows[k].at * of.sorted_pitch() + of.margin + of.taps[tap].at;
                                    const batch own(of.numbers[static_cast<std::size_t>(of.rows[k].number) + tap]);
                                    value = xsimd::select(number == own, batch::load_unaligned(sorted + at + o), value);
                                }
                            of.write(value, to + o, v.out - o, to_end);
                        });
            }
        }
    }

    /// Elements of workspace that max_pool_gradient and max_pool_pick need.
    template <class T, class Arch = default_arch>
    constexpr std::ptrdiff_t max_pool_gradient_workspace(const pool_extents& e)
    {
        const detail::pool_rows<T, Arch> of(e);
        return !of.fit(e) ? 0
                          : detail::max_rows<T, Arch>::size(of) +
                                std::max(2 * of.outputs_kept * of.pitch, of.inputs_kept * of.sorted_pitch());
    }

    /// x' = g placed where x has the maximum of every window, the first of equal ones, added up in the order of the outputs;
    /// zero elsewhere. done(first, last) is called when planes are final.
    template <class T, class Arch = default_arch>
    constexpr void max_pool_gradient(const pool_extents& e, const T* g, const T* x, T* to, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in = e.in_size(), out = e.out_size();
        const T *const g_end = g + e.planes * out, *const x_end = x + e.planes * in, *const to_end = to + e.planes * in;
        if (!std::is_constant_evaluated() && e.is_quads())
            e.each_plane(in, done,
                         [&](std::ptrdiff_t plane)
                         {
                             const auto& [d, h, v] = e.axis;
                             const T *slopes = g + plane * out, *from = x + plane * in;
                             T* at = to + plane * in;
                             for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, slopes += v.out, from += 2 * v.in, at += 2 * v.in)
                                 detail::quads_gradient<T, Arch>(slopes, g_end, from, v.in, x_end, v.out, at, to_end);
                             std::fill_n(at, (h.in - 2 * h.out) * v.in, T(0));
                         });
        else if (!std::is_constant_evaluated() && detail::pool_rows<T, Arch>::fit(e))
            [&]
            {
                detail::max_rows<T, Arch> of(e, workspace);
                T* const room = workspace + of.size(of);
                std::fill_n(room, 2 * of.outputs_kept * of.pitch, T(0));
                e.each_plane(in, done, [&](std::ptrdiff_t plane)
                             { detail::place_slopes(of, g + plane * out, x + plane * in, room, to + plane * in, to_end); });
            }();
        else
            e.each_plane(in, done, [&](std::ptrdiff_t plane)
                         { detail::place_slopes(e, g + plane * out, x + plane * in, to + plane * in); });
    }

    /// y = the elements that stand where x has the maxima of every window.
    template <class T, class Arch = default_arch>
    constexpr void max_pool_pick(const pool_extents& e, const T* from, const T* x, T* y, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in = e.in_size(), out = e.out_size();
        const T* const y_end = y + e.planes * out;
        if (!std::is_constant_evaluated() && detail::pool_rows<T, Arch>::fit(e))
            [&]
            {
                detail::max_rows<T, Arch> of(e, workspace);
                T* const room = workspace + of.size(of);
                std::fill_n(room, of.inputs_kept * of.sorted_pitch(), T(0));
                e.each_plane(out, done, [&](std::ptrdiff_t plane)
                             { detail::pick_largest(of, from + plane * in, x + plane * in, room, y + plane * out, y_end); });
            }();
        else
            e.each_plane(out, done, [&](std::ptrdiff_t plane)
                         { detail::pick_largest(e, from + plane * in, x + plane * in, y + plane * out); });
    }
}
