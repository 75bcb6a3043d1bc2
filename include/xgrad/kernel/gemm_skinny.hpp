// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>

#include <algorithm>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // Few rows: the large right-hand operand is read once, in the order it lies in memory, and not packed.

    template <class T, class Arch>
    xsimd::batch<T, Arch> load_few(const T* from, std::ptrdiff_t count)
    {
        T part[xsimd::batch<T, Arch>::size]{};
        copy_few(from, part, count);
        return xsimd::batch<T, Arch>::load_unaligned(part);
    }

    /// to[q] = the sum of lanes[q * width] to lanes[q * width + width - 1]; `count` is a multiple of 4.
    template <class T, class Arch>
    void sum_lanes(const T* lanes, int count, T* to)
    {
        constexpr int width = xsimd::batch<T, Arch>::size;
        using batch = xsimd::batch<T, transpose_arch<Arch>>;
        constexpr int part = batch::size;
        const auto fold = [lanes](int q)
        {
            batch sum = batch::load_unaligned(lanes + q * width);
            for (int l = part; l < width; l += part)
                sum += batch::load_unaligned(lanes + q * width + l);
            return sum;
        };
        if constexpr (part == 4)
            for (int q = 0; q < count; q += 4)
            {
                const batch a = fold(q), b = fold(q + 1), c = fold(q + 2), d = fold(q + 3);
                const batch ac = zip_lo(a, c) + zip_hi(a, c), bd = zip_lo(b, d) + zip_hi(b, d);
                (zip_lo(ac, bd) + zip_hi(ac, bd)).store_unaligned(to + q);
            }
        else if constexpr (part == 2)
            for (int q = 0; q < count; q += 2)
            {
                const batch a = fold(q), b = fold(q + 1);
                (zip_lo(a, b) + zip_hi(a, b)).store_unaligned(to + q);
            }
        else
            for (int q = 0; q < count; ++q)
            {
                to[q] = 0;
                for (int l = 0; l < width; ++l)
                    to[q] += lanes[q * width + l];
            }
    }

    /// Rows x Columns dot products of contiguous rows; those past `rows` and `columns` repeat the last one.
    template <class T, class Arch, int Rows, int Columns>
    [[gnu::noinline]] void multiply_dots(std::ptrdiff_t k, const T* a, std::ptrdiff_t stride_a, std::ptrdiff_t rows, const T* b,
                                         std::ptrdiff_t stride_b, std::ptrdiff_t columns, T* to)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const T *left[Rows], *right[Columns];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
            left[i] = a + (i < rows ? i : rows - 1) * stride_a;
#pragma GCC unroll 16
        for (int j = 0; j < Columns; ++j)
            right[j] = b + (j < columns ? j : columns - 1) * stride_b;
        batch sum[Rows][Columns];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Columns; ++j)
                sum[i][j] = batch(T(0));
        std::ptrdiff_t p = 0;
        for (; p + width <= k; p += width)
        {
            batch x[Rows];
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
                x[i] = batch::load_unaligned(left[i] + p);
#pragma GCC unroll 16
            for (int j = 0; j < Columns; ++j)
            {
                const batch y = batch::load_unaligned(right[j] + p);
#pragma GCC unroll 16
                for (int i = 0; i < Rows; ++i)
                    sum[i][j] = multiply_add(x[i], y, sum[i][j]);
            }
        }
        if (p < k)
        {
            batch x[Rows];
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
                x[i] = load_few<T, Arch>(left[i] + p, k - p);
#pragma GCC unroll 16
            for (int j = 0; j < Columns; ++j)
            {
                const batch y = load_few<T, Arch>(right[j] + p, k - p);
#pragma GCC unroll 16
                for (int i = 0; i < Rows; ++i)
                    sum[i][j] = multiply_add(x[i], y, sum[i][j]);
            }
        }
        alignas(64) T lanes[Rows * Columns * width];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Columns; ++j)
                sum[i][j].store_aligned(lanes + (i * Columns + j) * width);
        sum_lanes<T, Arch>(lanes, Rows * Columns, to);
    }

    /// Rows x Columns of C (+)= A B^T, or fewer at its edges.
    template <class T, class Arch, int Rows, int Columns>
    void add_dots(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t k, const T* a, std::ptrdiff_t stride_a,
                  const T* b, std::ptrdiff_t stride_b, T* c, std::ptrdiff_t stride_c, bool add)
    {
        T sum[Rows * Columns];
        multiply_dots<T, Arch, Rows, Columns>(k, a, stride_a, rows, b, stride_b, columns, sum);
        for (std::ptrdiff_t i = 0; i < rows; ++i)
            for (std::ptrdiff_t j = 0; j < columns; ++j)
                c[i * stride_c + j] = add ? c[i * stride_c + j] + sum[i * Columns + j] : sum[i * Columns + j];
    }

    /// C (+)= A B^T for few rows of A, as dot products.
    template <class T, class Arch>
    void multiply_by_dots(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                          std::ptrdiff_t stride_c, bool add)
    {
        constexpr bool many = tiles<T, Arch>::many_registers;
        const auto strips = [&]<int Rows, int Columns>(std::integer_sequence<int, Rows, Columns>)
        {
            for (std::ptrdiff_t j = 0; j < n; j += Columns)
                for (std::ptrdiff_t i = 0; i < m; i += Rows)
                    add_dots<T, Arch, Rows, Columns>(
                        std::min<std::ptrdiff_t>(Rows, m - i), std::min<std::ptrdiff_t>(Columns, n - j), k,
                        a.data + i * a.stride, a.stride, b.data + j * b.stride, b.stride, c + i * stride_c + j, stride_c, add);
        };
        if (m == 1)
            strips(std::integer_sequence<int, 1, many ? 8 : 4>{});
        else if (m <= 4 || !many)
            strips(std::integer_sequence<int, 2, many ? 8 : 4>{});
        else
            strips(std::integer_sequence<int, 8, 2>{}); // B comes from afar: a quarter of its loads
    }

    /// c[0, n) (+)= a[0, Depth) B for the first Depth rows of B.
    template <class T, class Arch, int Depth>
    void add_rows(std::ptrdiff_t n, const T* a, const T* b, std::ptrdiff_t stride_b, T* c, bool add)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        batch x[Depth];
#pragma GCC unroll 16
        for (int p = 0; p < Depth; ++p)
            x[p] = batch(a[p]);
        std::ptrdiff_t j = 0;
        for (; j + width <= n; j += width)
        {
            batch sum = add ? batch::load_unaligned(c + j) : batch(T(0));
#pragma GCC unroll 16
            for (int p = 0; p < Depth; ++p)
                sum = multiply_add(x[p], batch::load_unaligned(b + p * stride_b + j), sum);
            sum.store_unaligned(c + j);
        }
        if (j < n)
        {
            batch sum = add ? load_few<T, Arch>(c + j, n - j) : batch(T(0));
#pragma GCC unroll 16
            for (int p = 0; p < Depth; ++p)
                sum = multiply_add(x[p], load_few<T, Arch>(b + p * stride_b + j, n - j), sum);
            T part[width];
            sum.store_unaligned(part);
            copy_few(part, c + j, n - j);
        }
    }

    /// C (+)= A B for few rows of A, as sums of rows of B.
    template <class T, class Arch>
    void multiply_by_rows(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                          std::ptrdiff_t stride_c, bool add)
    {
        // a strip of 8 rows of B stays in L1 for all rows of A
        constexpr std::ptrdiff_t depth = 8, strip = 2048 / sizeof(T);
        const bool single = m == 1;
        for (std::ptrdiff_t p = 0; p < k; p += depth)
            for (std::ptrdiff_t j = 0; j < n; j += single ? n : strip)
                for (std::ptrdiff_t i = 0; i < m; ++i)
                {
                    const std::ptrdiff_t columns = single || n - j < strip ? n - j : strip;
                    const T* right = b.data + p * b.stride + j;
                    T* to = c + i * stride_c + j;
                    if (p + depth <= k)
                    {
                        T x[depth];
                        for (std::ptrdiff_t q = 0; q < depth; ++q)
                            x[q] = a(i, p + q);
                        add_rows<T, Arch, depth>(columns, x, right, b.stride, to, add || p > 0);
                    }
                    else
                        for (std::ptrdiff_t q = 0; p + q < k; ++q)
                        {
                            const T x = a(i, p + q);
                            add_rows<T, Arch, 1>(columns, &x, right + q * b.stride, b.stride, to, add || p + q > 0);
                        }
                }
    }

    /// C (+)= A B for Rows rows of A and as many columns as Vectors registers hold.
    template <int Rows, int Vectors, class Batch, class T>
    void add_narrow(std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c, std::ptrdiff_t stride_c, bool add)
    {
        constexpr std::ptrdiff_t width = Batch::size;
        Batch sum[Rows][Vectors];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                sum[i][j] = add ? Batch::load_unaligned(c + i * stride_c + j * width) : Batch(T(0));
        for (std::ptrdiff_t p = 0; p < k; ++p)
        {
            Batch y[Vectors];
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                y[j] = Batch::load_unaligned(b.data + p * b.stride + j * width);
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
                for (int j = 0; j < Vectors; ++j)
                    sum[i][j] = multiply_add(Batch(a(i, p)), y[j], sum[i][j]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                sum[i][j].store_unaligned(c + i * stride_c + j * width);
    }

    template <int Vectors, class Batch, class T>
    void multiply_strip(std::ptrdiff_t m, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                        std::ptrdiff_t stride_c, bool add)
    {
        std::ptrdiff_t i = 0;
        for (; i + 8 <= m; i += 8)
            add_narrow<8, Vectors, Batch>(k, a.from(i, 0), b, c + i * stride_c, stride_c, add);
        for (; i < m; ++i)
            add_narrow<1, Vectors, Batch>(k, a.from(i, 0), b, c + i * stride_c, stride_c, add);
    }

    /// C (+)= A B where C has as many columns as two registers hold, one, or one of a smaller instruction set: nothing is
    /// packed (8 x 8 x 8: 27 ns instead of 107). False if it has not.
    template <class T, class Arch, std::size_t Lanes = xsimd::batch<T, Arch>::size>
    bool multiply_narrow(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                         std::ptrdiff_t stride_c, bool add)
    {
        constexpr bool whole = Lanes == xsimd::batch<T, Arch>::size;
        using batch = std::conditional_t<whole, xsimd::batch<T, Arch>, sized_batch<T, Lanes>>;
        constexpr auto lanes = static_cast<std::ptrdiff_t>(Lanes);
        if constexpr (Lanes < 4 || std::is_void_v<batch>)
            return false;
        else if constexpr (batch::arch_type::version() > Arch::version())
            return false;
        else if (n == lanes)
            return multiply_strip<1, batch>(m, k, a, b, c, stride_c, add), true;
        else if (whole && n == 2 * lanes)
            return multiply_strip<2, batch>(m, k, a, b, c, stride_c, add), true;
        else
            return n < lanes && multiply_narrow<T, Arch, Lanes / 2>(m, n, k, a, b, c, stride_c, add);
    }

    /// Products of few rows or columns, which need no panel. False if it is none of them. Up to 8 rows dot products, which read a
    /// transposed B once as it lies, are faster than turning it; up to 3 rows a tile would compute more than half for nothing;
    /// columns of at most two registers need no panel while B fits L1 (8192 floats).
    template <class T, class Arch>
    [[gnu::noinline]] bool skinny_product(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a,
                                          const matrix<T>& b, T* c, std::ptrdiff_t stride_c, bool add)
    {
        constexpr std::ptrdiff_t width = tiles<T, Arch>::width;
        if (n == 1 && stride_c == 1 && (b.transposed || b.stride == 1))
        {
            // a matrix times a vector is a vector times a matrix, which is read once as it lies
            const matrix<T> row{b.data, k, false};
            if (a.transposed)
                multiply_by_rows<T, Arch>(1, m, k, row, {a.data, a.stride, false}, c, m, add);
            else
                multiply_by_dots<T, Arch>(1, m, k, row, {a.data, a.stride, true}, c, m, add);
        }
        else if (m <= 8 && b.transposed && !a.transposed && k >= 2 * width)
            multiply_by_dots<T, Arch>(m, n, k, a, b, c, stride_c, add);
        else if (m <= 3 && !b.transposed && n >= width)
            multiply_by_rows<T, Arch>(m, n, k, a, b, c, stride_c, add);
        else
            return !b.transposed && n <= 2 * width && n * k <= 8192 &&
                   multiply_narrow<T, Arch>(m, n, k, a, b, c, stride_c, add);
        return true;
    }
}
