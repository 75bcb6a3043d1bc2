// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>
#include <xgrad/kernel/pairs.hpp>

#include <algorithm>
#include <utility>

// Weights that many products read, prepared once.
namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// Copies a left operand of m rows and k columns, each of its tiles from one end to the other: m rounded up to whole tiles
    /// times k elements.
    template <class T, class Arch>
    void pack_tiles(std::ptrdiff_t m, std::ptrdiff_t k, const matrix<T>& a, T* to)
    {
        using set = tiles<T, Arch>;
        for (std::ptrdiff_t i = 0; i < m; i += set::rows)
        {
            const std::ptrdiff_t height = set::height(m - i);
            const matrix<T> rows{a.from(i, 0).data, a.stride, !a.transposed};
            pack<T, Arch>(rows, k, std::min(height, m - i), to + i * k, height);
        }
    }

    /// The last columns of a product, at most four, for which a register is too wide: `data` has theirs of B, side by side.
    template <class T>
    struct last_columns
    {
        const T* data = nullptr;
        std::ptrdiff_t count = 0;

        static constexpr std::ptrdiff_t most = 4;
        /// From one row of `data` to the next: there are kernels for one column and for four.
        static constexpr std::ptrdiff_t stride(std::ptrdiff_t count) { return count > 1 ? most : count; }
        constexpr std::ptrdiff_t stride() const { return stride(count); }
    };

    /// b's numbers for column C, each for all rows of a tile, as many as there are tiles in a register.
    template <std::ptrdiff_t Height, std::ptrdiff_t Columns, std::ptrdiff_t Sum, class Batch, std::size_t... Lane>
    [[gnu::always_inline]] inline Batch spread(const Batch& b, std::index_sequence<Lane...>)
    {
        constexpr std::ptrdiff_t first = Sum / Columns * (Batch::size / Height), column = Sum % Columns;
        return Batch(__builtin_shufflevector(b.data, b.data, ((first + Lane / Height) * Columns + column)...));
    }

    /// to[c Height + i] = the sum of a(i, p) b(p, c) over p, for the rows of one tile. Where a register holds several columns
    /// of the tile, b's numbers are spread over it: 16 of them with 8 products, not 16.
    template <class T, class Arch, std::ptrdiff_t Height, std::ptrdiff_t Columns>
    [[gnu::noinline]] void multiply_tiled_columns(std::ptrdiff_t k, const T* a, const T* b, T* to)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        std::ptrdiff_t p = 0;
        if constexpr (width >= Height)
        {
            batch sum[Height];
            std::fill_n(sum, Height, batch(T(0)));
            for (; p + width / Columns <= k; p += width / Columns)
            {
                const batch right = batch::load_unaligned(b + p * Columns);
                [&]<std::size_t... Sum>(std::index_sequence<Sum...>) __attribute__((always_inline))
                {
                    ((sum[Sum] = multiply_add(batch::load_unaligned(a + p * Height + Sum / Columns * width),
                                              spread<Height, Columns, Sum>(right, lanes_of_batch<batch>()), sum[Sum])),
                     ...);
                }(std::make_index_sequence<Height>());
            }
            for (std::ptrdiff_t c = 0; c < Columns; ++c)
            {
                for (std::ptrdiff_t q = c + Columns; q < Height; q += Columns)
                    sum[c] = sum[c] + sum[q];
                T lanes[width];
                sum[c].store_unaligned(lanes);
                for (std::ptrdiff_t l = Height; l < width; ++l)
                    lanes[l % Height] += lanes[l];
                std::copy_n(lanes, Height, to + c * Height);
            }
        }
        else
        {
            batch sum[Columns][Height / width];
            for (auto& column : sum)
                std::fill_n(column, Height / width, batch(T(0)));
            for (; p < k; ++p)
#pragma GCC unroll 8
                for (std::ptrdiff_t i = 0; i < Height / width; ++i)
                {
                    const batch left = batch::load_unaligned(a + p * Height + i * width);
#pragma GCC unroll 4
                    for (std::ptrdiff_t c = 0; c < Columns; ++c)
                        sum[c][i] = multiply_add(left, batch(b[p * Columns + c]), sum[c][i]);
                }
            for (std::ptrdiff_t c = 0; c < Columns; ++c)
                for (std::ptrdiff_t i = 0; i < Height / width; ++i)
                    sum[c][i].store_unaligned(to + c * Height + i * width);
        }
        for (; p < k; ++p)
            for (std::ptrdiff_t c = 0; c < Columns; ++c)
                for (std::ptrdiff_t i = 0; i < Height; ++i)
                    to[c * Height + i] += a[p * Height + i] * b[p * Columns + c];
    }

    /// The same for so many columns and rows of a tile.
    template <class T, class Arch>
    void multiply_tiled_last(std::ptrdiff_t columns, std::ptrdiff_t height, std::ptrdiff_t k, const T* a, const T* b, T* to)
    {
        using set = tiles<T, Arch>;
        constexpr std::ptrdiff_t most = last_columns<T>::most;
        constexpr void (*kernels[2][2])(std::ptrdiff_t, const T*, const T*, T*){
            {multiply_tiled_columns<T, Arch, set::rows, 1>, multiply_tiled_columns<T, Arch, set::rows, most>},
            {multiply_tiled_columns<T, Arch, set::few_rows, 1>, multiply_tiled_columns<T, Arch, set::few_rows, most>}};
        kernels[height < set::rows][columns > 1](k, a, b, to);
    }
}
