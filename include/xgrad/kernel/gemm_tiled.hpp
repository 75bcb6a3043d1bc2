// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>

#include <algorithm>
#include <type_traits>

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

    /// to[i] = the sum of a(i, p) b[p] over p, for the rows of one tile.
    template <class T, class Arch, std::ptrdiff_t Height>
    [[gnu::noinline]] void multiply_tiled_column(std::ptrdiff_t k, const T* a, const T* b, T* to)
    {
        using batch = std::conditional_t<(tiles<T, Arch>::width > Height), sized_batch<T, static_cast<std::size_t>(Height)>,
                                         xsimd::batch<T, Arch>>;
        constexpr std::ptrdiff_t width = batch::size, parts = Height / width, chains = 4; // sums do not wait for each other
        batch sum[chains][parts];
        for (auto& chain : sum)
            std::fill_n(chain, parts, batch(T(0)));
        std::ptrdiff_t p = 0;
        const auto add = [&](std::ptrdiff_t chain)
        {
            const batch factor(b[p + chain]);
#pragma GCC unroll 8
            for (std::ptrdiff_t q = 0; q < parts; ++q)
                sum[chain][q] =
                    multiply_add(batch::load_unaligned(a + (p + chain) * Height + q * width), factor, sum[chain][q]);
        };
        for (; p + chains <= k; p += chains)
#pragma GCC unroll 4
            for (std::ptrdiff_t chain = 0; chain < chains; ++chain)
                add(chain);
        for (; p < k; ++p)
            add(0);
        for (std::ptrdiff_t q = 0; q < parts; ++q)
            ((sum[0][q] + sum[1][q]) + (sum[2][q] + sum[3][q])).store_unaligned(to + q * width);
    }
}
