// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <algorithm>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// How a product is cut. A panel of B is as wide as a tile, at most three registers, and 256 deep: 48 KB of floats with
    /// AVX-512, a first-level cache or a little more. Half of that depth is no faster, twice 2 % slower. 256 rows of A, so
    /// deep, are 256 KB and stay in L2 while all panels pass; 128 rows are 2 % slower, as panels come from afar twice as often.
    /// Tiles of an operand that lie one after another go 512 deep: half as many sums are read and written again (2 to 6 % of the
    /// time on Zen 5).
    /// Copies are made only where they are read often enough (see packs_left, reads_right): a product of 512 takes 8 % of
    /// its time for copies of both operands.
    struct gemm_blocks
    {
        static constexpr std::ptrdiff_t rows = 256, depth = 256, tiled_depth = 512, columns = 4096, packed = 1 << 20;
        std::ptrdiff_t m, n, k;

        /// All rows in one block: a panel of B is packed, used for every row, and forgotten.
        constexpr bool single() const { return m <= rows; }
        constexpr std::ptrdiff_t block_rows() const { return single() ? m : rows; }
        constexpr std::ptrdiff_t block_columns() const { return single() ? n : std::min(n, columns); }
        constexpr std::ptrdiff_t block_depth() const
        {
            if (single() || n * k <= packed)
                return k;
            return std::max(packed / (block_columns() + 64) / depth * depth, depth);
        }
        /// Whether A is copied to where its tiles lie one after another. Up to 16 panels of B that is no gain (256 rows: 7 %
        /// slower at 196 columns, 2 % at 784), later rows that are far apart cost more.
        constexpr bool packs_left() const { return n > 768 && k > 16; }

        static constexpr std::ptrdiff_t up(std::ptrdiff_t x, std::ptrdiff_t to) { return (x + to - 1) / to * to; }
        template <class T>
        static constexpr std::ptrdiff_t line = 64 / sizeof(T);
        /// A panel that fits on the stack, 16 KB.
        template <class T>
        constexpr bool small() const
        {
            return single() && k * 3 * line<T> * std::ptrdiff_t(sizeof(T)) <= 16384;
        }
        /// Whether B is read where it lies: packing it costs more than strided reads, 20 % at 32 rows, 4 % at 512, up to
        /// where its rows are read from memory again and again.
        template <class T>
        constexpr bool reads_right() const
        {
            return m <= 16 || n * k * std::ptrdiff_t(sizeof(T)) <= 32768 || (m <= 3 * rows && !right_is_far<T>());
        }
        /// Whether B comes from memory: panels ask for the next one while they are multiplied (64 x 4096 x 4096: 16 %).
        template <class T>
        constexpr bool right_is_far() const
        {
            return n * k * std::ptrdiff_t(sizeof(T)) > 8 << 20;
        }
        /// Up to how many rows a product with a transposed B is computed as (B A^T)^T: turning A and C is less work than
        /// turning B.
        template <class T>
        constexpr std::ptrdiff_t turned_rows() const
        {
            return n <= 0 || k <= 0 ? 0 : std::min(rows, n * k / (n + k)) / line<T> * line<T>;
        }
        /// Elements of A that are packed at a time then, 512 KB, and how deep a block is therefore.
        template <class T>
        static constexpr std::ptrdiff_t turned_size = (std::ptrdiff_t(1) << 19) / std::ptrdiff_t(sizeof(T));
        template <class T>
        constexpr std::ptrdiff_t turned_depth() const
        {
            return std::min(k, turned_size<T> / up(m, line<T>) / depth * depth);
        }
        /// Few rows, for which B had better be read as it streams in, or rows that fill whole registers.
        template <class T>
        constexpr bool turns() const
        {
            return !small<T>() && m <= turned_rows<T>() && (m <= line<T> || up(m, line<T>) - m <= line<T> / 4);
        }
        template <class T>
        constexpr std::ptrdiff_t left_size() const
        {
            return packs_left() && !small<T>() ? up(std::min(m, rows), 8) * std::min(depth, k) : 0;
        }
        template <class T>
        constexpr std::ptrdiff_t right_size() const
        {
            if (small<T>())
                return 0;
            return std::max(panels_size<T>(),
                            single() ? std::min(up(std::min(m, turned_rows<T>()), line<T>) * k, turned_size<T>) : 0);
        }
        /// Elements of packed panels of B that are in use at one time, or would be of fewer columns or less depth, which are not
        /// cut where these are: a program plans for its largest batch.
        template <class T>
        constexpr std::ptrdiff_t panels_size() const
        {
            if (single())
                return std::min(tiled_depth, k) * std::min(3 * line<T>, up(n, line<T>));
            return n * k <= packed ? up(n, line<T>) * k : packed + line<T> * k;
        }
    };
}
