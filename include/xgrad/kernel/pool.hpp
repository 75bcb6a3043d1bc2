// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>

#include <xsimd/xsimd.hpp>

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
            return xsimd::select(b > a || b != b, b, a);
        }
    };
    struct pool_sum
    {
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
    }

    /// y = the maximum (or, with an average's factors, the mean) of every window. Rows of a window are first combined
    /// element by element, into `row` of x's last extent; then what stands side by side. `finish(value, ranges..)` makes
    /// the output; done(first, last) is called when planes are final.
    template <class Reduction, class T, class Arch = xsimd::default_arch>
    void pool(const pool_extents& e, const T* x, T* y, T* row, auto&& finish, auto&& done)
    {
        const auto& [d, h, v] = e.axis;
        std::ptrdiff_t o = 0;
        for (std::ptrdiff_t plane = 0; plane < e.planes; ++plane, x += e.in_size())
        {
            for (std::ptrdiff_t od = 0; od < d.out; ++od)
                for (std::ptrdiff_t oh = 0; oh < h.out; ++oh)
                {
                    const pool_range at_d = d(od), at_h = h(oh);
                    const T* from = row;
                    if (at_d.count * at_h.count == 1)
                        from = x + (at_d.first * h.in + at_h.first) * v.in;
                    else
                        std::fill_n(row, v.in, Reduction::template start<T>);
                    if (from == row)
                        for (std::ptrdiff_t i = 0; i < at_d.count; ++i)
                            for (std::ptrdiff_t j = 0; j < at_h.count; ++j)
                                detail::pool_row<Reduction, T, Arch>(
                                    x + ((at_d.first + i * d.dilation) * h.in + at_h.first + j * h.dilation) * v.in, v.in, row);
                    for (std::ptrdiff_t ov = 0; ov < v.out; ++ov, ++o)
                    {
                        const pool_range at_v = v(ov);
                        T value = Reduction::template start<T>;
                        for (std::ptrdiff_t k = 0; k < at_v.count; ++k)
                            value = Reduction::combine(value, from[at_v.first + k * v.dilation]);
                        y[o] = finish(value, at_d, at_h, at_v);
                    }
                }
            done(o - e.out_size(), o);
        }
    }
}
