// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/limits.hpp>
#include <xgrad/kernel/rows.hpp>

#include <algorithm>
#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // Softmax and its relatives over contiguous rows.

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
