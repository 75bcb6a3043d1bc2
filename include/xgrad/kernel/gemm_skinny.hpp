// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>
#include <xgrad/kernel/pairs.hpp>

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
        const auto add = [&](auto load)
        {
            batch y[Columns];
#pragma GCC unroll 16
            for (int j = 0; j < Columns; ++j)
                y[j] = load(right[j]);
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
            {
                const batch x = load(left[i]);
#pragma GCC unroll 16
                for (int j = 0; j < Columns; ++j)
                    sum[i][j] = multiply_add(x, y[j], sum[i][j]);
            }
        };
        std::ptrdiff_t p = 0;
        for (; p + width <= k; p += width)
        {
            if constexpr (Columns == 2) // too few streams for the processor to bring enough by itself
#pragma GCC unroll 16
                for (int j = 0; j < Columns; ++j)
                    __builtin_prefetch(right[j] + Columns * stride_b + p);
            add([p](const T* row) { return batch::load_unaligned(row + p); });
        }
        if (p < k)
            add([=](const T* row) { return load_few<T, Arch>(row + p, k - p); });
        sum_across<Rows * Columns>(&sum[0][0], to);
    }

    /// Rows x Columns of C (+)= A B^T, or fewer at its edges.
    template <class T, class Arch, int Rows, int Columns>
    void add_dots(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t k, const T* a, std::ptrdiff_t stride_a,
                  const T* b, std::ptrdiff_t stride_b, T* c, std::ptrdiff_t stride_c, bool add)
    {
        T sum[Rows * Columns];
        multiply_dots<T, Arch, Rows, Columns>(k, a, stride_a, rows, b, stride_b, columns, sum);
        const auto write = [&](std::ptrdiff_t height, std::ptrdiff_t width)
        {
#pragma GCC unroll 8
            for (std::ptrdiff_t i = 0; i < height; ++i)
#pragma GCC unroll 8
                for (std::ptrdiff_t j = 0; j < width; ++j)
                    c[i * stride_c + j] = add ? c[i * stride_c + j] + sum[i * Columns + j] : sum[i * Columns + j];
        };
        if (rows == Rows && columns == Columns) // with constant extents 5 % of 8 x 128 x 128
            write(Rows, Columns);
        else
            write(rows, columns);
    }

    /// C (+)= A B^T for few rows of A, as dot products: of 4 KB at a time where 8 rows of A would fill L1 (8 x 4096 x 4096: 2.3
    /// ms instead of 5.3).
    template <class T, class Arch>
    void multiply_by_dots(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                          std::ptrdiff_t stride_c, bool add)
    {
        constexpr bool many = tiles<T, Arch>::many_registers;
        const auto strips = [&]<int Rows, int Columns>(std::integer_sequence<int, Rows, Columns>, std::ptrdiff_t depth)
        {
            for (std::ptrdiff_t p = 0; p < k; p += depth)
                for (std::ptrdiff_t j = 0; j < n; j += Columns)
                    for (std::ptrdiff_t i = 0; i < m; i += Rows)
                        add_dots<T, Arch, Rows, Columns>(std::min<std::ptrdiff_t>(Rows, m - i),
                                                         std::min<std::ptrdiff_t>(Columns, n - j), std::min(depth, k - p),
                                                         a.data + i * a.stride + p, a.stride, b.data + j * b.stride + p,
                                                         b.stride, c + i * stride_c + j, stride_c, add || p > 0);
        };
        if (m == 1)
            strips(std::integer_sequence<int, 1, many ? 8 : 4>{}, k);
        else if (m <= 4 || !many)
            strips(std::integer_sequence<int, 2, many ? 8 : 4>{}, k);
        else
            strips(std::integer_sequence<int, 8, 2>{}, 4096 / sizeof(T)); // B comes from afar: a quarter of its loads
    }

    /// c[0, n) (+)= a[0, Depth) B for the first Depth rows of B. The last register overlaps the one before it.
    template <class T, class Arch, int Depth>
    void add_rows(std::ptrdiff_t n, const T* a, const T* b, std::ptrdiff_t stride_b, T* c, bool add)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        batch x[Depth];
#pragma GCC unroll 16
        for (int p = 0; p < Depth; ++p)
            x[p] = batch(a[p]);
        const auto added = [&](batch sum, std::ptrdiff_t j, auto load)
        {
#pragma GCC unroll 16
            for (int p = 0; p < Depth; ++p)
                sum = multiply_add(x[p], load(b + p * stride_b + j), sum);
            return sum;
        };
        if (n < width)
        {
            const auto few = [n](const T* from) { return load_few<T, Arch>(from, n); };
            T part[width];
            added(add ? few(c) : batch(T(0)), 0, few).store_unaligned(part);
            return copy_few(part, c, n);
        }
        const auto whole = [](const T* from) { return batch::load_unaligned(from); };
        const std::ptrdiff_t last = n - width;
        const batch end = add ? whole(c + last) : batch(T(0));
        for (std::ptrdiff_t j = 0; j < last; j += width)
            added(add ? whole(c + j) : batch(T(0)), j, whole).store_unaligned(c + j);
        added(end, last, whole).store_unaligned(c + last);
    }

    /// C (+)= A B for few rows of A, as sums of rows of B.
    template <class T, class Arch>
    void multiply_by_rows(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c,
                          std::ptrdiff_t stride_c, bool add)
    {
        // a strip of 8 rows of B stays in L1 for all rows of A
        constexpr std::ptrdiff_t depth = 8, strip = 2048 / sizeof(T), width = tiles<T, Arch>::width;
        for (std::ptrdiff_t p = 0; p < k; p += depth)
            for (std::ptrdiff_t j = 0, columns; j < n; j += columns)
            {
                columns = m == 1 || n - j < strip + width ? n - j : strip;
                for (std::ptrdiff_t i = 0; i < m; ++i)
                {
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
    }

    /// C (+)= A B for Rows rows of A and as many columns as Vectors registers hold, the last of which may overlap the one
    /// before it: it begins at column `last`.
    template <int Rows, int Vectors, class Batch, class T>
    [[gnu::always_inline]] inline void
    add_narrow(std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c, std::ptrdiff_t stride_c, bool add,
               std::ptrdiff_t last = (Vectors - 1) * static_cast<std::ptrdiff_t>(Batch::size))
    {
        constexpr std::ptrdiff_t width = Batch::size;
        const auto column = [last](int j) { return j + 1 < Vectors ? j * width : last; };
        Batch sum[Rows][Vectors];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                sum[i][j] = add ? Batch::load_unaligned(c + i * stride_c + column(j)) : Batch(T(0));
        const T *left = a.data, *right = b.data;
        const std::ptrdiff_t next = a.transposed ? a.stride : 1, below = a.transposed ? 1 : a.stride;
        std::ptrdiff_t row[Rows];
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
            row[i] = i * below;
        for (std::ptrdiff_t p = 0; p < k; ++p, left += next, right += b.stride)
        {
            Batch y[Vectors];
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                y[j] = Batch::load_unaligned(right + column(j));
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
            {
                const Batch x(left[row[i]]);
#pragma GCC unroll 16
                for (int j = 0; j < Vectors; ++j)
                    sum[i][j] = multiply_add(x, y[j], sum[i][j]);
            }
        }
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 16
            for (int j = 0; j < Vectors; ++j)
                sum[i][j].store_unaligned(c + i * stride_c + column(j));
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

    /// C (+)= A B for one row of A and columns that 8 or, of 32 registers, 16 hold: every sum stays in its register (1 x 256 x
    /// 784: 4.0 us instead of 6.0). False if they do not.
    template <class T, class Arch>
    bool add_row(std::ptrdiff_t n, std::ptrdiff_t k, const matrix<T>& a, const matrix<T>& b, T* c, bool add)
    {
        using batch = xsimd::batch<T, Arch>;
        constexpr std::ptrdiff_t width = batch::size;
        const std::ptrdiff_t vectors = (n + width - 1) / width;
        if (vectors == 8)
            add_narrow<1, 8, batch>(k, a, b, c, n, add, n - width);
        else if (vectors == 16 && tiles<T, Arch>::many_registers)
            add_narrow<1, 16, batch>(k, a, b, c, n, add, n - width);
        else
            return false;
        return true;
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
        else if (m == 1 && !b.transposed && add_row<T, Arch>(n, k, a, b, c, add))
            return true;
        else if (m <= 3 && !b.transposed && n >= width)
            multiply_by_rows<T, Arch>(m, n, k, a, b, c, stride_c, add);
        else
            return !b.transposed && n <= 2 * width && n * k <= 8192 &&
                   multiply_narrow<T, Arch>(m, n, k, a, b, c, stride_c, add);
        return true;
    }
}
