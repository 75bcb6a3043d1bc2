// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_product.hpp>
#include <xgrad/kernel/gemm_skinny.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // A product from one end to the other, the way that its shape asks for.

    /// The thin outer loop over blocks, all that is compiled once per kind of `rows_done`: it is told of rows that are final,
    /// but for those that the product finishes.
    void run_blocks(const gemm_blocks& blocks, const auto& product, auto& rows_done)
    {
        const auto [m, n, k] = blocks;
        for (std::ptrdiff_t j = 0; j < n; j += blocks.block_columns())
            for (std::ptrdiff_t p = 0; p < k; p += blocks.block_depth())
                for (std::ptrdiff_t i = 0; i < m; i += blocks.block_rows())
                {
                    const std::ptrdiff_t last = std::min(m, i + blocks.block_rows());
                    product.run(j, p, i, last);
                    if (j + blocks.block_columns() >= n && p + blocks.block_depth() >= k && !product.finishes())
                        rows_done(i, last);
                }
    }

    /// The product in blocks, or turned where that is less work; false if nobody was told of its rows then. By itself, as memory
    /// for a panel on the stack costs small products a tenth of their time.
    template <class T, class Arch>
    [[gnu::noinline]] bool run_blocked(const gemm_blocks& blocks, const matrix<T>& a, const matrix<T>& b, T* c,
                                       std::ptrdiff_t stride_c, bool add, T* workspace, auto& rows_done,
                                       const channel_finish<T>* finish, const last_columns<T>& more)
    {
        alignas(64) T panel[16384 / sizeof(T)];
        const product<T, Arch> product(blocks, a, b, c, stride_c, add, blocks.small<T>() ? panel : workspace, finish, more);
        const bool turns = b.transposed && blocks.turns<T>();
        if (turns)
            product.run_turned();
        else
            run_blocks(blocks, product, rows_done);
        return !turns;
    }

    /// `more`: columns of C behind the n that blocks have.
    template <class T, class Arch>
    void run_product(const gemm_blocks& blocks, const matrix<T>& a, const matrix<T>& b, T* c, std::ptrdiff_t stride_c, bool add,
                     T* workspace, auto& rows_done, const channel_finish<T>* finish = nullptr, const last_columns<T>& more = {})
    {
        const auto [m, n, k] = blocks;
        if (k <= 0 || n <= 0)
        {
            for (std::ptrdiff_t i = 0; i < m && !add; ++i)
                std::fill_n(c + i * stride_c, n, T(0));
        }
        else if ((a.tiled || more.count > 0 || !skinny_product<T, Arch>(m, n, k, a, b, c, stride_c, add)) &&
                 run_blocked<T, Arch>(blocks, a, b, c, stride_c, add, workspace, rows_done, finish, more))
            return;
        if (finish)
            finish->template run<Arch>(0, c, stride_c, m, n);
        else
            rows_done(std::ptrdiff_t(0), m);
    }
}
