// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/math.hpp>
#include <xgrad/kernel/reduce.hpp>

#include <algorithm>
#include <array>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // Loops over one contiguous row, for kernels that normalise along the last axis.

    /// How far ahead of the row in work others are brought nearer: the next row is asked for only when this one is done with,
    /// and would be waited for (16384 rows of 1024 numbers: layer norm 17 to 11.5 ms).
    constexpr std::ptrdiff_t next_rows(std::ptrdiff_t columns) { return std::max<std::ptrdiff_t>(columns, 1024); }

    /// Which lanes of a register are among its last `count`.
    template <class T>
    auto last_lanes(std::ptrdiff_t count)
    {
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::size_t width = batch::size;
        static constexpr auto window = []
        {
            std::array<T, 2 * width> ones{};
            std::fill_n(ones.begin() + width, width, T(1));
            return ones;
        }();
        return batch::load_unaligned(window.data() + count) != batch(T(0));
    }

    /// body(values, at) for every register of a row that fills one at least; the last overlaps the one before it, and has what
    /// was there before the first call. One loop, for of what is inlined twice GCC keeps the constants of exp on the stack
    /// (4096 x 4096: softmax 5.3 to 7.4 ms).
    template <class T>
    [[gnu::always_inline]] inline void each_register_of_row(const T* x, std::ptrdiff_t count, auto&& body)
    {
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const std::ptrdiff_t last = count - width;
        T end[width];
        batch::load_unaligned(x + last).store_unaligned(end);
        for (std::ptrdiff_t i = 0; i < count; i += width)
            body(batch::load_unaligned(i <= last ? x + i : end), std::min(i, last));
    }

    /// to[i] = f(x[i]) over a row that fills no register, through a padded copy.
    template <class T>
    void map_short_row(const T* x, T* to, std::ptrdiff_t count, auto&& f)
    {
        using batch = xsimd::batch<T, default_arch>;
        T part[batch::size]{};
        std::copy_n(x, count, part);
        f(batch::load_unaligned(part)).store_unaligned(part);
        std::copy_n(part, count, to);
    }

    /// to[i] = f(x[i]) over a row, in place if wanted, vectorised. What lies `ahead` is brought nearer.
    template <class T>
    constexpr void map_row(const T* x, T* to, std::ptrdiff_t count, auto&& f, std::ptrdiff_t ahead = 0)
    {
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < count; ++i)
                to[i] = f(x[i]);
            return;
        }
        using batch = xsimd::batch<T, default_arch>;
        if (count < static_cast<std::ptrdiff_t>(batch::size))
            return map_short_row(x, to, count, f);
        each_register_of_row(x, count,
                             [&](const batch& v, std::ptrdiff_t at)
                             {
                                 if (ahead > 0)
                                 {
                                     __builtin_prefetch(x + at + ahead);
                                     __builtin_prefetch(to + at + ahead, 1);
                                 }
                                 f(v).store_unaligned(to + at);
                             });
    }

    /// The reduction of f(x[i]) over a row. What lies `ahead` is brought nearer: the sooner it is asked for, the longer memory
    /// works meanwhile (16384 rows of 1024: layer norm 5.9 to 4.0 ms, with what is asked for while the results are written).
    template <class Reduction, class T>
    constexpr T reduce_row(const T* x, std::ptrdiff_t count, auto&& f, std::ptrdiff_t ahead = 0)
    {
        T total = Reduction::template identity<T>;
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < count; ++i)
                total = Reduction::combine(total, f(x[i]));
            return total;
        }
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::ptrdiff_t width = batch::size;
        if (count < width)
        {
            T part[width];
            map_short_row(x, part, count, f);
            for (std::ptrdiff_t i = 0; i < count; ++i)
                total = Reduction::combine(total, part[i]);
            return total;
        }
        const batch nothing(total);
        batch lanes = nothing;
        std::ptrdiff_t i = 0;
        if (count >= 4 * width) // four chains, because one waits for each addition
        {
            batch second = nothing, third = nothing, fourth = nothing;
            for (; i + 4 * width <= count; i += 4 * width)
            {
                if (ahead > 0)
#pragma GCC unroll 4
                    for (std::ptrdiff_t line = 0; line < 4 * width; line += width)
                        __builtin_prefetch(x + i + line + ahead);
                lanes = Reduction::combine(lanes, f(batch::load_unaligned(x + i)));
                second = Reduction::combine(second, f(batch::load_unaligned(x + i + width)));
                third = Reduction::combine(third, f(batch::load_unaligned(x + i + 2 * width)));
                fourth = Reduction::combine(fourth, f(batch::load_unaligned(x + i + 3 * width)));
            }
            lanes = Reduction::combine(Reduction::combine(lanes, second), Reduction::combine(third, fourth));
        }
        for (; i + width <= count; i += width)
            lanes = Reduction::combine(lanes, f(batch::load_unaligned(x + i)));
        if (i < count) // the last register, without what has been counted
            lanes = Reduction::combine(
                lanes, kernel::select(last_lanes<T>(count - i), batch(f(batch::load_unaligned(x + count - width))), nothing));
        return static_cast<T>(Reduction::across(lanes));
    }

    /// Mean of a row and 1 / sqrt(variance + epsilon), the variance in a second pass, which does not cancel.
    template <class T>
    struct row_moments
    {
        T mean, inverse_deviation;

        constexpr row_moments(const T* x, std::ptrdiff_t count, T epsilon, std::ptrdiff_t ahead = 0)
            : mean(reduce_row<add_reduction>(
                       x, count, [](const auto& v) { return v; }, ahead) /
                   static_cast<T>(count)),
              inverse_deviation(0)
        {
            const T squares = reduce_row<add_reduction>(x, count,
                                                        [m = mean](const auto& v)
                                                        {
                                                            const auto d = v - std::remove_cvref_t<decltype(v)>(m);
                                                            return d * d;
                                                        });
            inverse_deviation = T(1) / kernel::sqrt(squares / static_cast<T>(count) + epsilon);
        }
    };

    /// Rows whose results are handed on together: what is fused behind them starts less often, and finds them in the cache
    /// (2048 floats are 8 KB, a quarter of a small L1).
    constexpr std::ptrdiff_t rows_at_once(std::ptrdiff_t columns) { return columns < 2048 ? 2048 / columns : 1; }
}
