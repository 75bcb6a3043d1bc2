// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_run.hpp>

#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Whether a kernel replaces its output or adds to it.
    enum class write
    {
        overwrite,
        accumulate
    };

    /// A callable that does nothing.
    struct nothing
    {
        constexpr void operator()(auto&&...) const {}
    };

    /// Elements of workspace that gemm needs; 0 for small products, which pack nothing or on the stack.
    template <class T>
    constexpr std::size_t gemm_workspace(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k)
    {
        const detail::gemm_blocks blocks{m, n, k};
        return static_cast<std::size_t>(blocks.left_size<T>() + blocks.right_size<T>());
    }

    /// C = op(A) op(B), or C += op(A) op(B): C is row-major m x n, op(A) m x k, op(B) k x n. `workspace` has at least
    /// gemm_workspace<T>(m, n, k) elements, aligned to 64 bytes. rows_done(first, last) is called when rows of C are
    /// final.
    template <class T, class Arch = default_arch, class RowsDone = nothing>
    constexpr void gemm(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, matrix<T> a, matrix<T> b, T* c,
                        std::ptrdiff_t stride_c, write mode, T* workspace, RowsDone&& rows_done = {})
    {
        const bool add = mode == write::accumulate;
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < m; ++i)
            {
                for (std::ptrdiff_t j = 0; j < n; ++j)
                {
                    T sum = add ? c[i * stride_c + j] : T(0);
                    for (std::ptrdiff_t p = 0; p < k; ++p)
                        sum += a(i, p) * b(p, j);
                    c[i * stride_c + j] = sum;
                }
                rows_done(i, i + 1);
            }
            return;
        }
        if (m > 0)
            detail::run_product<T, Arch>({m, n, k}, a, b, c, stride_c, add, workspace, rows_done);
    }
}
