// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/pool_pairs.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The inputs that one output along one axis sees: `count` of them from `first` on, every `step`-th.
    struct pool_range
    {
        std::ptrdiff_t first, count;
        /// What an average divides by.
        std::ptrdiff_t divisor;
    };

    /// How pooling windows lie along one axis.
    struct pool_axis
    {
        std::ptrdiff_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, padding = 0;
        /// Where padding ends that an average counts.
        std::ptrdiff_t limit = 1;
        bool counts_padding = false;
        /// Windows divide the axis into `out` parts of nearly equal length, whatever taps and strides say.
        bool adaptive = false;

        /// Windows are neighbouring pairs, and all of them lie inside.
        constexpr bool is_pairs() const
        {
            return taps == 2 && stride == 2 && padding == 0 && dilation == 1 && !adaptive && 2 * out <= in;
        }

        /// Inputs of one place modulo the stride that any output sees.
        constexpr std::ptrdiff_t run() const { return out + (taps - 1) * dilation / stride; }

        constexpr pool_range operator()(std::ptrdiff_t output) const
        {
            if (adaptive)
            {
                const std::ptrdiff_t first = output * in / out, last = ((output + 1) * in + out - 1) / out;
                return {first, last - first, last - first};
            }
            const std::ptrdiff_t start = output * stride - padding;
            const std::ptrdiff_t skipped = start < 0 ? (dilation - 1 - start) / dilation : 0;
            const std::ptrdiff_t last = std::min(taps, (in - start + dilation - 1) / dilation);
            const std::ptrdiff_t count = std::max<std::ptrdiff_t>(last - skipped, 0);
            return {start + skipped * dilation, count, counts_padding ? std::min(taps, limit - start) : count};
        }
    };

    /// Pooling of `planes` separate planes of up to three axes; missing ones come first.
    struct pool_extents
    {
        std::ptrdiff_t planes = 1;
        std::array<pool_axis, 3> axis;

        constexpr std::ptrdiff_t in_size() const { return axis[0].in * axis[1].in * axis[2].in; }
        constexpr std::ptrdiff_t out_size() const { return axis[0].out * axis[1].out * axis[2].out; }
        /// Windows are neighbouring 2x2.
        constexpr bool is_quads() const { return axis[0].in == 1 && axis[1].is_pairs() && axis[2].is_pairs(); }

        /// Calls body(output, its place in x's plane to begin with, ranges) for every output of a plane.
        constexpr void each_output(auto&& body) const
        {
            std::ptrdiff_t o = 0;
            for (std::ptrdiff_t d = 0; d < axis[0].out; ++d)
                for (std::ptrdiff_t h = 0; h < axis[1].out; ++h)
                    for (std::ptrdiff_t v = 0; v < axis[2].out; ++v, ++o)
                        body(o, axis[0](d), axis[1](h), axis[2](v));
        }
        /// Calls body(place in x's plane) for every input of a window, row by row.
        constexpr void each_input(const pool_range& d, const pool_range& h, const pool_range& v, auto&& body) const
        {
            for (std::ptrdiff_t i = 0; i < d.count; ++i)
                for (std::ptrdiff_t j = 0; j < h.count; ++j)
                {
                    const std::ptrdiff_t row = ((d.first + i * axis[0].dilation) * axis[1].in + h.first + j * axis[1].dilation);
                    for (std::ptrdiff_t k = 0; k < v.count; ++k)
                        body(row * axis[2].in + v.first + k * axis[2].dilation);
                }
        }
        /// The place of a window's largest input, the first of equal ones; a NaN counts as largest, as in PyTorch.
        template <class T>
        constexpr std::ptrdiff_t largest(const T* x, const pool_range& d, const pool_range& h, const pool_range& v) const
        {
            std::ptrdiff_t best = (d.first * axis[1].in + h.first) * axis[2].in + v.first;
            each_input(d, h, v,
                       [&](std::ptrdiff_t at)
                       {
                           if (x[at] > x[best] || x[at] != x[at])
                               best = at;
                       });
            return best;
        }
    };

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

        /// y[o] = Reduction of x[2 o] and x[2 o + 1].
        template <class Reduction, class T>
        void pool_pairs(const T* x, std::ptrdiff_t count, T* to)
        {
            for (std::ptrdiff_t o = 0; o < count; ++o)
                to[o] = Reduction::combine(x[2 * o], x[2 * o + 1]);
        }

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
    }

    /// Elements of workspace that `pool` needs.
    constexpr std::ptrdiff_t pool_workspace(const pool_extents& e)
    {
        return e.axis[2].in + e.axis[2].stride * e.axis[2].run() + e.axis[2].out;
    }

    /// y = the maximum or the mean of every window. Rows of a window are first combined element by element; then what
    /// stands side by side. done(first, last) is called when planes are final.
    template <class Reduction, class T, class Arch = default_arch>
    void pool(const pool_extents& e, const T* x, T* y, T* workspace, auto&& done)
    {
        const auto& [d, h, v] = e.axis;
        T *const row = workspace, *const divisors = row + v.in, *const room = divisors + v.out;
        if constexpr (Reduction::divides)
            for (std::ptrdiff_t o = 0; o < v.out; ++o)
                divisors[o] = static_cast<T>(v(o).divisor);
        const bool quads = e.is_quads();
        const T *const x_end = x + e.planes * e.in_size(), *const y_end = y + e.planes * e.out_size();
        std::ptrdiff_t o = 0;
        for (std::ptrdiff_t plane = 0; plane < e.planes; ++plane, x += e.in_size())
        {
            for (std::ptrdiff_t od = 0; od < d.out; ++od)
                for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, o += v.out)
                {
                    const pool_range at_d = d(od), at_h = h(oh);
                    if (quads)
                        detail::pool_quads<Reduction, T, Arch>(x + 2 * oh * v.in, v.in, x_end, v.out, y + o, y_end);
                    else
                    {
                        const auto seen = [&](std::ptrdiff_t i, std::ptrdiff_t j)
                        { return x + ((at_d.first + i * d.dilation) * h.in + at_h.first + j * h.dilation) * v.in; };
                        const T* from = seen(0, 0);
                        if (at_d.count * at_h.count != 1)
                        {
                            std::fill_n(row, v.in, Reduction::template start<T>);
                            for (std::ptrdiff_t i = 0; i < at_d.count; ++i)
                                for (std::ptrdiff_t j = 0; j < at_h.count; ++j)
                                    detail::pool_row<Reduction, T, Arch>(seen(i, j), v.in, row);
                            from = row;
                        }
                        if (v.is_pairs())
                            detail::pool_pairs<Reduction>(from, v.out, y + o);
                        else
                            detail::pool_columns<Reduction, T, Arch>(v, from, y + o, room);
                    }
                    if constexpr (Reduction::divides)
                        for (std::ptrdiff_t ov = 0; ov < v.out; ++ov)
                            y[o + ov] /= static_cast<T>(at_d.divisor * at_h.divisor) * divisors[ov];
                }
            done(o - e.out_size(), o);
        }
    }

    /// x' = g placed where x has the maximum of every window, the first of equal ones, added up; zero elsewhere.
    template <class T>
    constexpr void max_pool_gradient(const pool_extents& e, const T* g, const T* x, T* to, auto&& done)
    {
        const auto& [d, h, v] = e.axis;
        const bool pairs = e.is_quads(), all_seen = pairs && 4 * e.out_size() == e.in_size();
        const T *const g_end = g + e.planes * e.out_size(), *const x_end = x + e.planes * e.in_size();
        const T* const to_end = to + e.planes * e.in_size();
        constexpr std::ptrdiff_t most = 256; // windows of a row whose places are kept
        pool_range kept[most]{};
        for (std::ptrdiff_t o = 0; o < std::min(v.out, most); ++o)
            kept[o] = v(o);
        for (std::ptrdiff_t plane = 0; plane < e.planes; ++plane, x += e.in_size(), to += e.in_size())
        {
            if (!all_seen) // else everything is written below
                for (std::ptrdiff_t i = 0; i < e.in_size(); ++i)
                    to[i] = 0;
            for (std::ptrdiff_t od = 0; od < d.out; ++od)
                for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, g += v.out)
                {
                    if (pairs)
                    {
                        std::ptrdiff_t first = 0;
                        if (!std::is_constant_evaluated() && all_seen)
                            first = detail::quads_gradient<T, default_arch>(g, g_end, x + 2 * oh * v.in, v.in, x_end, v.out,
                                                                            to + 2 * oh * v.in, to_end);
                        const T *const above = x + 2 * oh * v.in, *const below = above + v.in;
                        T *const to_above = to + 2 * oh * v.in, *const to_below = to_above + v.in;
                        for (std::ptrdiff_t o = first; o < v.out; ++o)
                        {
                            const auto later = [](T first, T second) { return second > first || second != second; };
                            const T a = above[2 * o], b = above[2 * o + 1], c = below[2 * o], f = below[2 * o + 1];
                            const bool right = later(a, b), right_below = later(c, f);
                            const bool lower = later(right ? b : a, right_below ? f : c);
                            to_above[2 * o] = !lower && !right ? g[o] : T(0);
                            to_above[2 * o + 1] = !lower && right ? g[o] : T(0);
                            to_below[2 * o] = lower && !right_below ? g[o] : T(0);
                            to_below[2 * o + 1] = lower && right_below ? g[o] : T(0);
                        }
                        continue;
                    }
                    const pool_range at_d = d(od), at_h = h(oh);
                    for (std::ptrdiff_t o = 0; o < v.out; ++o)
                        to[e.largest(x, at_d, at_h, o < most ? kept[o] : v(o))] += g[o];
                }
            done(plane * e.in_size(), (plane + 1) * e.in_size());
        }
    }
}
