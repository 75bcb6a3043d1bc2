// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <xsimd/xsimd.hpp>

#include <cstddef>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// A row-major matrix operand: op(X)(i, j) is data[i * stride + j], or data[j * stride + i] if transposed.
    template <class T>
    struct matrix
    {
        const T* data;
        std::ptrdiff_t stride;
        bool transposed;

        constexpr std::ptrdiff_t row_step() const { return transposed ? 1 : stride; }
        constexpr std::ptrdiff_t column_step() const { return transposed ? stride : 1; }
    };

    /// Whether a product replaces what is there or is added to it.
    enum class write
    {
        overwrite,
        accumulate
    };

    namespace detail
    {
        // The register tile: Rows x Vectors accumulators, two vectors of B and one broadcast of A stay in registers.
        // 8 x 2 leaves 32-register machines room to load ahead; 16 registers hold 4 x 2.
        template <class T, class Arch>
        struct tile
        {
            using batch = xsimd::batch<T, Arch>;
            static constexpr std::ptrdiff_t rows = Arch::alignment() >= 64 ? 8 : 4;
            static constexpr std::ptrdiff_t vectors = 2, width = batch::size, columns = vectors * width;
        };

        constexpr std::ptrdiff_t round_up(std::ptrdiff_t n, std::ptrdiff_t to) { return (n + to - 1) / to * to; }

        // B as panels of `columns` columns, each k x columns contiguous, the last one padded with zeros.
        template <class T, class Arch>
        void pack(std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& b, T* to)
        {
            constexpr std::ptrdiff_t columns = tile<T, Arch>::columns;
            const std::ptrdiff_t down = b.row_step(), along = b.column_step();
            for (std::ptrdiff_t first = 0; first < n; first += columns, to += k * columns)
            {
                const std::ptrdiff_t count = n - first < columns ? n - first : columns;
                const T* from = b.data + first * along;
                if (along == 1)
                    for (std::ptrdiff_t row = 0; row < k; ++row)
                        for (std::ptrdiff_t j = 0; j < columns; ++j)
                            to[row * columns + j] = j < count ? from[row * down + j] : T(0);
                else
                    for (std::ptrdiff_t j = 0; j < columns; ++j) // reads run along memory
                        for (std::ptrdiff_t row = 0; row < k; ++row)
                            to[row * columns + j] = j < count ? from[j * along + row] : T(0);
            }
        }

        // One tile of C over all of k; rows past the `valid` ones repeat the last and are not stored.
        template <class T, class Arch, std::ptrdiff_t Rows>
        void multiply_tile(std::ptrdiff_t valid, std::ptrdiff_t count, std::ptrdiff_t k, const T* a, std::ptrdiff_t down,
                           std::ptrdiff_t along, const T* panel, T* c, std::ptrdiff_t stride_c, bool accumulate)
        {
            using t = tile<T, Arch>;
            using batch = typename t::batch;
            batch sum[Rows][t::vectors];
            std::ptrdiff_t row_of[Rows];
            for (std::ptrdiff_t i = 0; i < Rows; ++i)
            {
                row_of[i] = (i < valid ? i : valid - 1) * down;
                for (auto& lanes : sum[i])
                    lanes = batch(T(0));
            }
            for (std::ptrdiff_t p = 0; p < k; ++p, a += along, panel += t::columns)
            {
                batch b[t::vectors];
                for (std::ptrdiff_t v = 0; v < t::vectors; ++v)
                    b[v] = batch::load_unaligned(panel + v * t::width);
#pragma GCC unroll 8
                for (std::ptrdiff_t i = 0; i < Rows; ++i)
                {
                    const batch x(a[row_of[i]]);
                    for (std::ptrdiff_t v = 0; v < t::vectors; ++v)
                        sum[i][v] = xsimd::fma(x, b[v], sum[i][v]);
                }
            }
            for (std::ptrdiff_t i = 0; i < Rows && i < valid; ++i, c += stride_c)
            {
                if (count == t::columns)
                    for (std::ptrdiff_t v = 0; v < t::vectors; ++v)
                        (accumulate ? sum[i][v] + batch::load_unaligned(c + v * t::width) : sum[i][v])
                            .store_unaligned(c + v * t::width);
                else
                {
                    T part[t::columns];
                    for (std::ptrdiff_t v = 0; v < t::vectors; ++v)
                        sum[i][v].store_unaligned(part + v * t::width);
                    for (std::ptrdiff_t j = 0; j < count; ++j)
                        c[j] = accumulate ? c[j] + part[j] : part[j];
                }
            }
        }

        // Rows [first, last) of C from the packed B.
        template <class T, class Arch>
        void multiply_rows(std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a,
                           const T* packed, T* c, std::ptrdiff_t stride_c, bool accumulate)
        {
            using t = tile<T, Arch>;
            const std::ptrdiff_t down = a.row_step(), along = a.column_step(), valid = last - first;
            const T* rows = a.data + first * down;
            for (std::ptrdiff_t j = 0; j < n; j += t::columns, packed += k * t::columns)
            {
                const std::ptrdiff_t count = n - j < t::columns ? n - j : t::columns;
                T* to = c + first * stride_c + j;
                if (valid == 1)
                    multiply_tile<T, Arch, 1>(1, count, k, rows, down, along, packed, to, stride_c, accumulate);
                else
                    multiply_tile<T, Arch, t::rows>(valid, count, k, rows, down, along, packed, to, stride_c, accumulate);
            }
        }
    }

    /// Elements of workspace that gemm needs: B, packed.
    template <class T>
    constexpr std::size_t gemm_workspace(std::ptrdiff_t, std::ptrdiff_t n, std::ptrdiff_t k)
    {
        // the widest panel of any architecture, so that a plan does not depend on it
        return static_cast<std::size_t>(detail::round_up(n, 128 / static_cast<std::ptrdiff_t>(sizeof(T))) * k);
    }

    /// C = op(A) op(B) or C += op(A) op(B); C is m x n, op(A) m x k, op(B) k x n. `rows_done(first, last)` is called as soon
    /// as these rows of C are final, while they are in cache: a fused epilogue goes there.
    /// B is packed once into panels as wide as the register tile; each tile of C is then one pass over k.
    template <class T, class RowsDone>
    constexpr void gemm(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                        std::ptrdiff_t stride_c, write mode, T* workspace, RowsDone&& rows_done)
    {
        const bool accumulate = mode == write::accumulate;
        if (std::is_constant_evaluated())
        {
            for (std::ptrdiff_t i = 0; i < m; ++i)
                for (std::ptrdiff_t j = 0; j < n; ++j)
                {
                    T sum = accumulate ? c[i * stride_c + j] : T(0);
                    for (std::ptrdiff_t p = 0; p < k; ++p)
                        sum += a.data[i * a.row_step() + p * a.column_step()] *
                               b.data[p * b.row_step() + j * b.column_step()];
                    c[i * stride_c + j] = sum;
                }
            rows_done(std::ptrdiff_t{0}, m);
            return;
        }
        using arch = xsimd::default_arch;
        detail::pack<T, arch>(n, k, b, workspace);
        for (std::ptrdiff_t first = 0; first < m; first += detail::tile<T, arch>::rows)
        {
            const std::ptrdiff_t last = first + detail::tile<T, arch>::rows < m ? first + detail::tile<T, arch>::rows : m;
            detail::multiply_rows<T, arch>(first, last, n, k, a, workspace, c, stride_c, accumulate);
            rows_done(first, last);
        }
    }
}
