// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/pairs.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // Windows of 2x2 side by side, in whole registers; the last one of a row overlaps the one before it. In rows shorter than a
    // register it is read and written beyond the row, where later rows write again; near the ends of tensors outputs are
    // computed one by one.

    template <std::ptrdiff_t Width>
    constexpr std::ptrdiff_t overlapping(std::ptrdiff_t o, std::ptrdiff_t count)
    {
        return count >= Width ? std::min(o, count - Width) : o;
    }

    /// y[o] = Reduction of the four inputs of a window, for one row of outputs; `x` is the upper row of inputs.
    template <class Reduction, class T, class Arch>
    void pool_quads(const T* x, std::ptrdiff_t columns, const T* x_end, std::ptrdiff_t count, T* y, const T* y_end)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const auto whole = [](const auto& combined)
        {
            if constexpr (Reduction::divides)
                return combined * T(0.25);
            else
                return combined;
        };
        std::ptrdiff_t o = 0;
        if constexpr (width > 1)
            for (; o < count && (count >= width || (x_end - x - columns >= 2 * width && y_end - y >= width)); o += width)
            {
                const std::ptrdiff_t p = overlapping<width>(o, count);
                const auto rows = [&](std::ptrdiff_t at)
                { return Reduction::combine(batch::load_unaligned(x + at), batch::load_unaligned(x + columns + at)); };
                const auto [even, odd] = split_pairs(rows(2 * p), rows(2 * p + width));
                whole(Reduction::combine(even, odd)).store_unaligned(y + p);
            }
        for (; o < count; ++o)
            y[o] = whole(Reduction::combine(Reduction::combine(x[2 * o], x[columns + 2 * o]),
                                            Reduction::combine(x[2 * o + 1], x[columns + 2 * o + 1])));
    }

    /// The gradient g of the maximum at the first of a window's largest inputs, zero at the others and in the column that no
    /// window sees.
    template <class T, class Arch>
    void quads_gradient(const T* g, const T* g_end, const T* x, std::ptrdiff_t columns, const T* x_end, std::ptrdiff_t count,
                        T* to, const T* to_end)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        std::ptrdiff_t o = 0;
        if constexpr (width > 1)
        {
            const auto later = [](const batch& first, const batch& second) { return second > first || is_nan(second); };
            const batch zero(T(0));
            const auto row = [&](const T* from)
            { return split_pairs(batch::load_unaligned(from), batch::load_unaligned(from + width)); };
            const auto write = [](const batch& even, const batch& odd, T* at)
            {
                const auto [low, high] = join_pairs(even, odd);
                low.store_unaligned(at);
                high.store_unaligned(at + width);
            };
            for (; o < count && (count >= width || (g_end - g >= width && x_end - x - columns >= 2 * width &&
                                                    to_end - to - columns >= 2 * width));
                 o += width)
            {
                const std::ptrdiff_t p = overlapping<width>(o, count);
                const batch slope = batch::load_unaligned(g + p);
                const auto [a, b] = row(x + 2 * p);
                const auto [c, d] = row(x + columns + 2 * p);
                const auto right = later(a, b), right_below = later(c, d);
                const auto lower = later(xsimd::select(right, b, a), xsimd::select(right_below, d, c));
                const batch above = xsimd::select(lower, zero, slope), below = xsimd::select(lower, slope, zero);
                write(xsimd::select(right, zero, above), xsimd::select(right, above, zero), to + 2 * p);
                write(xsimd::select(right_below, zero, below), xsimd::select(right_below, below, zero), to + columns + 2 * p);
            }
        }
        for (; o < count; ++o)
        {
            const auto later = [](T first, T second) { return second > first || second != second; };
            const T *const above = x + 2 * o, *const below = above + columns;
            T *const to_above = to + 2 * o, *const to_below = to_above + columns;
            const bool right = later(above[0], above[1]), right_below = later(below[0], below[1]);
            const bool lower = later(above[right], below[right_below]);
            to_above[0] = to_above[1] = to_below[0] = to_below[1] = T(0);
            (lower ? to_below + right_below : to_above + right)[0] = g[o];
        }
        if (2 * count < columns)
            to[columns - 1] = to[2 * columns - 1] = T(0);
    }
}
