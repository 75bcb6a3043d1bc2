// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// A row-major matrix operand, read transposed if asked: op(X)(i, j) = data[j * stride + i], else data[i * stride +
    /// j]. Or a left operand as detail::pack_tiles leaves it: rows of a tile side by side, i * stride still where row i begins
    /// if a tile begins there.
    template <class T>
    struct matrix
    {
        const T* data;
        std::ptrdiff_t stride;
        bool transposed, tiled = false;

        /// The operand without its first rows and columns; of a tiled one, without rows only.
        constexpr matrix from(std::ptrdiff_t i, std::ptrdiff_t j) const
        {
            return {data + (transposed ? j * stride + i : i * stride + j), stride, transposed};
        }
        constexpr T operator()(std::ptrdiff_t i, std::ptrdiff_t j) const { return *from(i, j).data; }
    };

    namespace detail
    {
        /// Copies fewer elements than 64 bytes hold: two fixed blocks that overlap in the middle, instead of a loop.
        template <class T>
        void copy_few(const T* from, T* to, std::ptrdiff_t count)
        {
            const auto ends = [=]<std::ptrdiff_t Block>(std::integral_constant<std::ptrdiff_t, Block>)
            {
                if (count < Block)
                    return false;
                T first[Block], last[Block];
                std::memcpy(first, from, sizeof first);
                std::memcpy(last, from + count - Block, sizeof last);
                std::memcpy(to, first, sizeof first);
                std::memcpy(to + count - Block, last, sizeof last);
                return true;
            };
            constexpr std::ptrdiff_t half = 32 / sizeof(T);
            if (!ends(std::integral_constant<std::ptrdiff_t, half>{}) &&
                !ends(std::integral_constant<std::ptrdiff_t, half / 2>{}) &&
                !ends(std::integral_constant<std::ptrdiff_t, (half > 4 ? half / 4 : 1)>{}) && count > 0)
                *to = *from;
        }

        /// Copies `count` elements, fewer than a vector apart from whole vectors.
        template <class T, class Arch>
        void copy_run(const T* from, T* to, std::ptrdiff_t count)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = batch::size;
            std::ptrdiff_t j = 0;
            for (; j + width <= count; j += width)
                batch::load_unaligned(from + j).store_unaligned(to + j);
            copy_few(from + j, to + j, count - j);
        }

        // 128-bit registers transpose 4 x 4 floats in 8 shuffles, as fast per element as the widest registers would
        // (the stores bound both), and their zip means the same in every version of xsimd.
        template <class Arch>
        using transpose_arch =
            std::conditional_t<xsimd::sse2::supported() && !std::is_same_v<Arch, one_lane>, xsimd::sse2, Arch>;

        /// Edge of the blocks that are transposed in registers; 1 on machines where that is not done.
        template <class T, class Arch>
        inline constexpr std::ptrdiff_t transpose_size = xsimd::batch<T, transpose_arch<Arch>>::size == 4   ? 4
                                                         : xsimd::batch<T, transpose_arch<Arch>>::size == 2 ? 2
                                                                                                            : 1;

        /// to[p * width + j] = from[j * stride + p] for a small square block.
        template <class T, class Arch>
        void transpose_block(const T* from, std::ptrdiff_t stride, T* to, std::ptrdiff_t width)
        {
            using batch = xsimd::batch<T, transpose_arch<Arch>>;
            if constexpr (transpose_size<T, Arch> == 4)
            {
                const auto a = batch::load_unaligned(from), b = batch::load_unaligned(from + stride);
                const auto c = batch::load_unaligned(from + 2 * stride), d = batch::load_unaligned(from + 3 * stride);
                const auto ac = zip_lo(a, c), bd = zip_lo(b, d), ac_high = zip_hi(a, c), bd_high = zip_hi(b, d);
                zip_lo(ac, bd).store_unaligned(to);
                zip_hi(ac, bd).store_unaligned(to + width);
                zip_lo(ac_high, bd_high).store_unaligned(to + 2 * width);
                zip_hi(ac_high, bd_high).store_unaligned(to + 3 * width);
            }
            else if constexpr (transpose_size<T, Arch> == 2)
            {
                const auto a = batch::load_unaligned(from), b = batch::load_unaligned(from + stride);
                zip_lo(a, b).store_unaligned(to);
                zip_hi(a, b).store_unaligned(to + width);
            }
            else
                *to = *from;
        }

        /// to[p * stride_to + j] = from[j * stride + p] for p < rows, j < columns.
        template <class T, class Arch>
        [[gnu::noinline]] void transpose(const T* from, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t columns,
                                         T* to, std::ptrdiff_t stride_to)
        {
            constexpr std::ptrdiff_t block = transpose_size<T, Arch>;
            // 256 bytes of every row at a time: with rows 4 KB apart, all lines of a column of blocks share one cache
            // set
            constexpr std::ptrdiff_t run = 256 / sizeof(T);
            const std::ptrdiff_t whole_columns = columns - columns % block;
            for (std::ptrdiff_t first = 0; first < rows; first += run)
            {
                const std::ptrdiff_t last = std::min(first + run, rows), whole = last - (last - first) % block;
                for (std::ptrdiff_t j = 0; j < whole_columns; j += block)
                {
                    for (std::ptrdiff_t p = first; p < whole; p += block)
                        transpose_block<T, Arch>(from + j * stride + p, stride, to + p * stride_to + j, stride_to);
                    for (std::ptrdiff_t p = whole; p < last; ++p)
                        for (std::ptrdiff_t q = j; q < j + block; ++q)
                            to[p * stride_to + q] = from[q * stride + p];
                }
                for (std::ptrdiff_t j = whole_columns; j < columns; ++j)
                    for (std::ptrdiff_t p = first; p < last; ++p)
                        to[p * stride_to + j] = from[j * stride + p];
            }
        }

        /// Packs k rows of the first `columns` columns of op(X): to[p * width + j] = op(X)(p, j).
        template <class T, class Arch>
        [[gnu::noinline]] void pack(const matrix<T>& x, std::ptrdiff_t k, std::ptrdiff_t columns, T* to, std::ptrdiff_t width)
        {
            if (x.transposed)
                transpose<T, Arch>(x.data, x.stride, k, columns, to, width);
            else
                for (std::ptrdiff_t p = 0; p < k; ++p)
                    copy_run<T, Arch>(x.data + p * x.stride, to + p * width, columns);
        }
    }

    /// Packs a panel of tiles, k rows of the first `columns` columns of op(X): if it is narrower than a register, with
    /// zeros.
    template <class T, class Arch>
    void pack_panel(const matrix<T>& x, std::ptrdiff_t k, std::ptrdiff_t columns, T* to, std::ptrdiff_t width)
    {
        if (columns < static_cast<std::ptrdiff_t>(xsimd::batch<T, Arch>::size))
            std::memset(to, 0, static_cast<std::size_t>(k * width) * sizeof(T));
        detail::pack<T, Arch>(x, k, columns, to, width);
    }
}
