// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/kernel/limits.hpp>
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

    /// to[i] = f(x[i]) over a row, in place if wanted, vectorised; rows that fill no register go through a padded copy. What
    /// lies `ahead` is brought nearer.
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
        constexpr std::ptrdiff_t width = batch::size;
        if (count < width)
        {
            T part[width]{};
            std::copy_n(x, count, part);
            f(batch::load_unaligned(part)).store_unaligned(part);
            std::copy_n(part, count, to);
            return;
        }
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
            T part[width]{};
            std::copy_n(x, count, part);
            f(batch::load_unaligned(part)).store_unaligned(part);
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

    /// Combines by the larger value; where one is NaN, the result may be any.
    struct any_max_reduction : max_reduction
    {
        template <class V>
        static constexpr V combine(const V& a, const V& b)
        {
            return at_least(b, a);
        }
    };

    /// The largest element of a row, or 0 where there are only -inf: every term exp(-inf - 0) is 0 then. A NaN may be missed: the
    /// sum of terms is one.
    template <class T>
    constexpr T largest_of_row(const T* x, std::ptrdiff_t count)
    {
        const T largest = reduce_row<any_max_reduction>(x, count, [](const auto& v) { return v; });
        return largest == -std::numeric_limits<T>::infinity() ? T(0) : largest;
    }

    /// Largest element of a row, and the sum of exp(x - largest): what softmax and its relatives share.
    template <class T>
    struct exponential_sum
    {
        T largest, sum;

        constexpr exponential_sum(const T* x, std::ptrdiff_t count) : largest(largest_of_row(x, count)), sum(0)
        {
            sum = reduce_row<add_reduction>(x, count, [m = largest](const auto& v)
                                            { return kernel::exp(v - std::remove_cvref_t<decltype(v)>(m)); });
        }
    };

    /// Rows whose results are handed on together: what is fused behind them starts less often, and finds them in the cache
    /// (2048 floats are 8 KB, a quarter of a small L1).
    constexpr std::ptrdiff_t rows_at_once(std::ptrdiff_t columns) { return columns < 2048 ? 2048 / columns : 1; }

    /// Rows shorter than this are normalised several at a time, so that exp fills its vectors (8 elements: 4 times faster).
    template <class T>
    inline constexpr std::ptrdiff_t short_row = 4 * static_cast<std::ptrdiff_t>(xsimd::batch<T, default_arch>::size);

    /// A block of short rows: to = exp(x - largest), with the largest element and the sum of `to` of each row.
    template <class T>
    struct exponential_block
    {
        static constexpr std::ptrdiff_t most_rows = 64; // times short_row: 16 KB at most, in L1 from step to step
        T largest[most_rows]{}, sum[most_rows]{};

        constexpr exponential_block(const T* x, T* to, std::ptrdiff_t rows, std::ptrdiff_t columns)
        {
            for (std::ptrdiff_t row = 0; row < rows; ++row)
            {
                const T* from = x + row * columns;
                T most = from[0];
                for (std::ptrdiff_t k = 1; k < columns; ++k)
                    most = max_reduction::combine(most, from[k]);
                if (most == -std::numeric_limits<T>::infinity())
                    most = 0; // nothing but -inf: every term is exp(-inf) = 0
                for (std::ptrdiff_t k = 0; k < columns; ++k)
                    to[row * columns + k] = from[k] - most;
                largest[row] = most;
            }
            map_row(to, to, rows * columns, [](const auto& v) { return kernel::exp(v); });
            for (std::ptrdiff_t row = 0; row < rows; ++row)
                for (std::ptrdiff_t k = 0; k < columns; ++k)
                    sum[row] += to[row * columns + k];
        }
    };

    /// to[i] = exp(x[i] - largest) over a row. Returns their sum.
    template <class T>
    constexpr T exponential_row(const T* x, T* to, std::ptrdiff_t count, T largest)
    {
        const auto term = [largest](const auto& v) { return kernel::exp(v - std::remove_cvref_t<decltype(v)>(largest)); };
        T total = 0;
        using batch = xsimd::batch<T, default_arch>;
        constexpr std::ptrdiff_t width = batch::size;
        if (std::is_constant_evaluated() || count < width)
        {
            map_row(x, to, count, term);
            for (std::ptrdiff_t i = 0; i < count; ++i)
                total += to[i];
            return total;
        }
        const std::ptrdiff_t left = count % width, ahead = next_rows(count);
        batch lanes(T(0));
        each_register_of_row(x, count,
                             [&](const batch& v, std::ptrdiff_t at)
                             {
                                 __builtin_prefetch(x + at + ahead);
                                 __builtin_prefetch(to + at + ahead, 1);
                                 const batch e = term(v);
                                 e.store_unaligned(to + at);
                                 lanes = lanes + (at % width == 0 ? e : kernel::select(last_lanes<T>(left), e, batch(T(0))));
                             });
        return static_cast<T>(add_reduction::across(lanes));
    }

    /// exp(x - max) / sum(exp(x - max)) along a row, in place if wanted.
    template <class T>
    constexpr void softmax_row(const T* x, T* to, std::ptrdiff_t count)
    {
        const T scale = T(1) / exponential_row(x, to, count, largest_of_row(x, count));
        map_row(to, to, count, [scale](const auto& v) { return v * std::remove_cvref_t<decltype(v)>(scale); });
    }

    /// The softmax of each row; done(first, last) is called with elements that are finished.
    template <class T>
    constexpr void softmax_rows(const T* x, T* to, std::ptrdiff_t rows, std::ptrdiff_t columns, auto&& done)
    {
        std::ptrdiff_t row = 0;
        if (columns < short_row<T>)
            while (row < rows)
            {
                const std::ptrdiff_t count = std::min(rows - row, exponential_block<T>::most_rows), at = row * columns;
                const exponential_block<T> of(x + at, to + at, count, columns);
                for (std::ptrdiff_t r = 0; r < count; ++r)
                    for (std::ptrdiff_t k = 0; k < columns; ++k)
                        to[at + r * columns + k] *= T(1) / of.sum[r];
                done(at, at + count * columns);
                row += count;
            }
        const std::ptrdiff_t block = rows_at_once(columns);
        for (; row < rows; row += block)
        {
            const std::ptrdiff_t last = std::min(row + block, rows);
            for (std::ptrdiff_t r = row; r < last; ++r)
                softmax_row(x + r * columns, to + r * columns, columns);
            done(row * columns, last * columns);
        }
    }

    /// For each row put(row, largest, log(sum(exp(x - largest)))): apart, for their sum may round away what is small.
    template <class T>
    constexpr void logsumexp_rows(const T* x, std::ptrdiff_t rows, std::ptrdiff_t columns, auto&& put)
    {
        using block = exponential_block<T>;
        std::ptrdiff_t row = 0;
        if (columns < short_row<T>)
        {
            T scratch[block::most_rows * short_row<T>];
            while (row < rows)
            {
                const std::ptrdiff_t count = std::min(rows - row, block::most_rows);
                block of(x + row * columns, scratch, count, columns);
                map_row(of.sum, of.sum, count, [](const auto& v) { return kernel::log(v); });
                for (std::ptrdiff_t r = 0; r < count; ++r)
                    put(row + r, of.largest[r], of.sum[r]);
                row += count;
            }
        }
        for (; row < rows; ++row)
        {
            const exponential_sum<T> of(x + row * columns, columns);
            put(row, of.largest, kernel::log(of.sum));
        }
    }
}
