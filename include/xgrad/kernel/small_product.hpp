// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_skinny.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/small.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::small
{
    /// What the sums of a product begin with: zero, one row for all rows, or a matrix as large as the result.
    struct zero_start
    {
        zero_start from(std::ptrdiff_t, std::ptrdiff_t) const { return {}; }
        template <class Batch>
        Batch load(std::ptrdiff_t, std::ptrdiff_t) const
        {
            return Batch(typename Batch::value_type(0));
        }
        void add_to(auto*, std::ptrdiff_t, std::ptrdiff_t) const {}
    };
    template <class T, std::ptrdiff_t Stride>
    struct start_at
    {
        const T* data;

        start_at from(std::ptrdiff_t i, std::ptrdiff_t j) const { return {data + i * Stride + j}; }
        template <class Batch>
        Batch load(std::ptrdiff_t i, std::ptrdiff_t j) const
        {
            return Batch::load_unaligned(data + i * Stride + j);
        }
        void add_to(T* to, std::ptrdiff_t i, std::ptrdiff_t j) const { *to += data[i * Stride + j]; }
    };

    /// to[i][0, Vectors * Width) = start(i, ..) + sum over p of a(i, p) b[p][..] for `Rows` rows: all sums in registers, and so
    /// many side by side that none waits for the one before it.
    template <std::ptrdiff_t Width, int Rows, int Vectors, std::ptrdiff_t K, class T, class Start>
    [[gnu::always_inline]] inline void product_tile(const T* a, std::ptrdiff_t step_i, std::ptrdiff_t step_p, const T* b,
                                                    std::ptrdiff_t stride_b, T* to, std::ptrdiff_t stride, Start start)
    {
        using batch = lanes_of<T, Width>;
        constexpr int sums = Rows * Vectors;
        constexpr int most = detail::tiles<T, default_arch>::many_registers ? 16 : 8;
        constexpr int parts = sums >= most || K < 4 ? 1 : 2 * sums >= most || K < 8 ? 2 : 4;
        batch sum[parts][Rows][Vectors];
#pragma GCC unroll 4
        for (int q = 0; q < parts; ++q)
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    sum[q][i][v] = q == 0 ? start.template load<batch>(i, v * Width) : batch(T(0));
        const auto add = [&](std::ptrdiff_t p, batch(&part)[Rows][Vectors])
        {
            batch right[Vectors];
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
                right[v] = batch::load_unaligned(b + p * stride_b + v * Width);
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
            {
                const batch left(a[i * step_i + p * step_p]);
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    part[i][v] = multiply_add(left, right[v], part[i][v]);
            }
        };
        constexpr std::ptrdiff_t last = K / parts * parts;
#pragma GCC unroll 4
        for (std::ptrdiff_t p = 0; p < last; p += parts)
#pragma GCC unroll 4
            for (int q = 0; q < parts; ++q)
                add(p + q, sum[q]);
#pragma GCC unroll 4
        for (std::ptrdiff_t p = last; p < K; ++p)
            add(p, sum[0]);
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
            {
                batch whole = sum[0][i][v];
                if constexpr (parts == 4)
                    whole = (whole + sum[1][i][v]) + (sum[2][i][v] + sum[3][i][v]);
                else if constexpr (parts == 2)
                    whole = whole + sum[1][i][v];
                whole.store_unaligned(to + i * stride + v * Width);
            }
    }

    /// The same for one row of so few elements that they stay in registers: the vectors of the result come one after the other,
    /// and what is computed of the first begins while others are still summed.
    template <std::ptrdiff_t Width, int Vectors, std::ptrdiff_t K, class T, class Start>
    [[gnu::always_inline]] inline void product_row(const T* a, std::ptrdiff_t step, const T* b, std::ptrdiff_t stride_b, T* to,
                                                   Start start)
    {
        using batch = lanes_of<T, Width>;
        constexpr int parts = K >= 8 ? 4 : K >= 4 ? 2 : 1;
        batch left[K];
#pragma GCC unroll 16
        for (std::ptrdiff_t p = 0; p < K; ++p)
            left[p] = batch(a[p * step]);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v)
        {
            const auto right = [&](std::ptrdiff_t p) { return batch::load_unaligned(b + p * stride_b + v * Width); };
            batch sum[parts];
            sum[0] = multiply_add(left[0], right(0), start.template load<batch>(0, v * Width));
#pragma GCC unroll 4
            for (int q = 1; q < parts; ++q)
                sum[q] = left[q] * right(q);
#pragma GCC unroll 16
            for (std::ptrdiff_t p = parts; p < K; ++p)
                sum[p % parts] = multiply_add(left[p], right(p), sum[p % parts]);
            batch whole = sum[0];
            if constexpr (parts == 4)
                whole = (whole + sum[1]) + (sum[2] + sum[3]);
            else if constexpr (parts == 2)
                whole = whole + sum[1];
            whole.store_unaligned(to + v * Width);
        }
    }

    /// Vectors * Width columns of C = start + A B.
    template <std::ptrdiff_t Width, int Vectors, std::ptrdiff_t M, std::ptrdiff_t N, std::ptrdiff_t K, class T, class Start>
    [[gnu::always_inline]] inline void product_columns(const T* a, std::ptrdiff_t step_i, std::ptrdiff_t step_p, const T* b,
                                                       T* to, Start start)
    {
        constexpr std::ptrdiff_t rows = M < 8 ? M : 8, whole = M / rows * rows;
        constexpr std::ptrdiff_t held = detail::tiles<T, default_arch>::many_registers ? 16 : 8;
        if constexpr (M == 1 && K <= held)
            product_row<Width, Vectors, K>(a, step_p, b, N, to, start);
        else
        {
            for (std::ptrdiff_t i = 0; i < whole; i += rows)
                product_tile<Width, static_cast<int>(rows), Vectors, K>(a + i * step_i, step_i, step_p, b, N, to + i * N, N,
                                                                        start.from(i, 0));
            if constexpr (whole < M)
                product_tile<Width, static_cast<int>(M - whole), Vectors, K>(a + whole * step_i, step_i, step_p, b, N,
                                                                             to + whole * N, N, start.from(whole, 0));
        }
    }

    /// C = start + A B with B row-major: C's columns in registers, the last few that fill none one by one.
    template <std::ptrdiff_t M, std::ptrdiff_t N, std::ptrdiff_t K, std::ptrdiff_t Widest, std::ptrdiff_t First = 0, class T,
              class Start>
    [[gnu::always_inline]] inline void product_by_columns(const T* a, std::ptrdiff_t step_i, std::ptrdiff_t step_p, const T* b,
                                                          T* to, Start start)
    {
        if constexpr (First < N)
        {
            constexpr std::ptrdiff_t left = N - First, width = next_width<T>(left, Widest);
            if constexpr (left < width)
                for (std::ptrdiff_t i = 0; i < M; ++i)
                    for (std::ptrdiff_t j = First; j < N; ++j)
                    {
                        T sum = 0;
                        for (std::ptrdiff_t p = 0; p < K; ++p)
                            sum += a[i * step_i + p * step_p] * b[p * N + j];
                        to[i * N + j] = sum;
                        start.add_to(to + i * N + j, i, j);
                    }
            else
            {
                constexpr std::ptrdiff_t most = M == 1 ? 4 : 2, there = left / width, vectors = there < most ? there : most;
                constexpr std::ptrdiff_t last = First + there / vectors * vectors * width;
                for (std::ptrdiff_t j = First; j < last; j += vectors * width)
                    product_columns<width, static_cast<int>(vectors), M, N, K>(a, step_i, step_p, b + j, to + j,
                                                                               start.from(0, j));
                product_by_columns<M, N, K, Widest, last>(a, step_i, step_p, b, to, start);
            }
        }
    }

    /// C = start + A B^T with rows of A and B along the sums, for few columns of C.
    template <std::ptrdiff_t M, std::ptrdiff_t N, std::ptrdiff_t K, std::ptrdiff_t Widest, class T, class Start>
    [[gnu::always_inline]] inline void product_by_dots(const T* a, const T* b, T* to, Start start)
    {
        constexpr std::ptrdiff_t width = next_width<T>(K, Widest);
        using batch = lanes_of<T, width>;
        // as many dot products as are summed at once
        constexpr std::ptrdiff_t at_once = 4, all = M * N;
        static_assert(K % width == 0);
        const auto dot = [&](std::ptrdiff_t k)
        {
            const T *const x = a + k / N * K, *const y = b + k % N * K;
            batch sum = batch::load_unaligned(x) * batch::load_unaligned(y);
            for (std::ptrdiff_t p = width; p < K; p += width)
                sum = multiply_add(batch::load_unaligned(x + p), batch::load_unaligned(y + p), sum);
            return sum;
        };
        for (std::ptrdiff_t k = 0; k + at_once <= all; k += at_once)
        {
            batch sums[at_once];
#pragma GCC unroll 4
            for (std::ptrdiff_t q = 0; q < at_once; ++q)
                sums[q] = dot(k + q);
            detail::sum_across<at_once>(sums, to + k);
        }
        for (std::ptrdiff_t k = all / at_once * at_once; k < all; ++k)
            to[k] = add_reduction::across(dot(k));
        for (std::ptrdiff_t k = 0; k < all; ++k)
            start.add_to(to + k, k / N, k % N);
    }

    /// C = start + op(A) op(B), m x n x k constants, all matrices contiguous; `TransposedA`, `TransposedB` say how they are
    /// stored, `Widest` how many lanes a vector may have.
    template <std::ptrdiff_t M, std::ptrdiff_t N, std::ptrdiff_t K, bool TransposedA, bool TransposedB, std::ptrdiff_t Widest,
              class T, class Start = zero_start>
    [[gnu::always_inline]] inline void product(const T* a, const T* b, T* to, Start start = {})
    {
        constexpr std::ptrdiff_t step_i = TransposedA ? 1 : K, step_p = TransposedA ? M : 1;
        constexpr bool rows_of_b = TransposedB && K > 1 && N > 1; // stored as n x k, and that is another order than k x n
        if constexpr ((M == 1 || (N < 4 && !TransposedA)) && (rows_of_b || N == 1) && K > 1 &&
                      K % next_width<T>(K, Widest) == 0)
            product_by_dots<M, N, K, Widest>(a, b, to, start);
        else if constexpr (N < 4 && M >= 4 && TransposedA && K > 1)
        {
            // C^T = B^T A, whose columns are many
            T across[N * M];
            product_by_columns<N, M, K, Widest>(b, rows_of_b ? K : 1, rows_of_b ? 1 : N, a, across, zero_start{});
            for (std::ptrdiff_t i = 0; i < M; ++i)
#pragma GCC unroll 4
                for (std::ptrdiff_t j = 0; j < N; ++j)
                {
                    to[i * N + j] = across[j * M + i];
                    start.add_to(to + i * N + j, i, j);
                }
        }
        else if constexpr (rows_of_b)
        {
            alignas(64) T packed[K * N];
            detail::transpose<T, default_arch>(b, K, K, N, packed, N);
            product_by_columns<M, N, K, Widest>(a, step_i, step_p, packed, to, start);
        }
        else
            product_by_columns<M, N, K, Widest>(a, step_i, step_p, b, to, start);
    }
}
