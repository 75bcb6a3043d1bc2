// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_skinny.hpp>

#include <algorithm>

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

    namespace detail
    {
        /// How a product is cut, chosen so that one panel of B stays in L1 and one block of A in L2.
        struct gemm_blocks
        {
            static constexpr std::ptrdiff_t rows = 128, depth = 256, columns = 4096, packed = 1 << 20;
            std::ptrdiff_t m, n, k;

            /// All rows in one block: a panel of B is packed, used for every row, and forgotten.
            constexpr bool single() const { return m <= 2 * rows; }
            constexpr std::ptrdiff_t block_rows() const { return single() ? m : rows; }
            constexpr std::ptrdiff_t block_columns() const { return single() ? n : std::min(n, columns); }
            constexpr std::ptrdiff_t block_depth() const
            {
                if (single() || n * k <= packed)
                    return k;
                return std::max(packed / (block_columns() + 64) / depth * depth, depth);
            }
            constexpr bool packs_left() const { return n > 96 && k > 16; }

            static constexpr std::ptrdiff_t up(std::ptrdiff_t x, std::ptrdiff_t to) { return (x + to - 1) / to * to; }
            template <class T>
            static constexpr std::ptrdiff_t line = 64 / sizeof(T);
            /// A panel that fits on the stack, 16 KB.
            template <class T>
            constexpr bool small() const
            {
                return single() && k * 3 * line<T> * std::ptrdiff_t(sizeof(T)) <= 16384;
            }
            /// Whether B is read where it lies: for few rows, packing it costs more than strided reads (up to 20 % at
            /// 32 rows).
            template <class T>
            constexpr bool reads_right() const
            {
                const std::ptrdiff_t bytes = n * k * std::ptrdiff_t(sizeof(T));
                return m <= 16 || bytes <= 32768 || (m <= rows && bytes <= 8 << 20);
            }
            /// Up to how many rows a product with a transposed B is computed as (B A^T)^T: A, packed, takes up to 512
            /// KB, and turning A and C is less work than turning B.
            template <class T>
            constexpr std::ptrdiff_t turned_rows() const
            {
                if (n <= 0 || k <= 0)
                    return 0;
                return std::min(
                           {2 * rows, n * k / (n + k), (std::ptrdiff_t(1) << 19) / k / std::ptrdiff_t(sizeof(T))}) /
                       line<T> * line<T>;
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
                return packs_left() && !small<T>() ? up(std::min(m, 2 * rows), 8) * std::min(depth, k) : 0;
            }
            template <class T>
            constexpr std::ptrdiff_t right_size() const
            {
                if (small<T>())
                    return 0;
                if (single())
                    return std::max(std::min(depth, k) * std::min(3 * line<T>, up(n, line<T>)),
                                    up(std::min(m, turned_rows<T>()), line<T>) * k);
                return up(block_columns(), line<T>) * block_depth();
            }
        };

        template <class T, class Arch>
        class product
        {
        public:
            product(const gemm_blocks& blocks, const matrix<T>& a, const matrix<T>& b, T* c, std::ptrdiff_t stride_c,
                    bool add, T* workspace)
                : blocks_(blocks), a_(a), b_(b), c_(c), stride_c_(stride_c), add_(add), right_(workspace),
                  left_(workspace + blocks.right_size<T>()), packs_left_(blocks.left_size<T>() > 0),
                  direct_(!b.transposed && blocks.reads_right<T>())
            {
            }

            /// One block of columns and depth for one block of rows; the first block of rows packs B for the others.
            void run(std::ptrdiff_t first_column, std::ptrdiff_t first_depth, std::ptrdiff_t first_row,
                     std::ptrdiff_t last_row) const
            {
                const std::ptrdiff_t last_column = std::min(blocks_.n, first_column + blocks_.block_columns());
                const std::ptrdiff_t last_depth = std::min(blocks_.k, first_depth + blocks_.block_depth());
                const std::ptrdiff_t packed_width = gemm_blocks::up(last_column - first_column, width);
                for (std::ptrdiff_t p = first_depth; p < last_depth; p += gemm_blocks::depth)
                {
                    const std::ptrdiff_t k = std::min(gemm_blocks::depth, last_depth - p);
                    T* packed = right_;
                    if (!blocks_.single())
                        packed += packed_width * (p - first_depth);
                    int vectors;
                    for (std::ptrdiff_t j = first_column; j < last_column; j += vectors * width)
                    {
                        vectors = set::panel((last_column - j + width - 1) / width);
                        const std::ptrdiff_t panel = vectors * width, columns = std::min(panel, last_column - j);
                        const T* right = packed;
                        std::ptrdiff_t stride = panel;
                        if (direct_ && columns >= width)
                        {
                            right = b_.data + p * b_.stride + j;
                            stride = b_.stride;
                        }
                        else if (first_row == 0)
                            pack_panel<T, Arch>(b_.from(p, j), k, columns, packed, panel);
                        if (!blocks_.single())
                            packed += panel * k;
                        run_panel(first_row, last_row, p, k, j, vectors, columns, right, stride, j == first_column);
                    }
                }
            }

            /// C^T (+)= op(B)^T op(A)^T over all of k: B is read where it lies, A is packed.
            void run_turned() const
            {
                const auto [m, n, k] = blocks_;
                alignas(64) T buffer[set::largest];
                tile_task<T> task;
                task.k = k;
                task.row_step = b_.transposed ? b_.stride : 1;
                task.step = b_.transposed ? 1 : b_.stride;
                task.c = buffer;
                task.add = add_;
                for (std::ptrdiff_t j = 0; j < n; j += task.rows)
                {
                    const bool few = n - j <= set::few_rows;
                    task.rows = std::min<std::ptrdiff_t>(few ? set::few_rows : set::rows, n - j);
                    task.a = b_.data + j * task.row_step;
                    T* packed = right_;
                    int vectors;
                    for (std::ptrdiff_t i = 0; i < m; i += vectors * width)
                    {
                        vectors = set::panel((m - i + width - 1) / width);
                        const std::ptrdiff_t panel = vectors * width, rows = std::min(panel, m - i);
                        if (j == 0)
                            pack_panel<T, Arch>(transposed(a_.from(i, 0)), k, rows, packed, panel);
                        task.last = std::max<std::ptrdiff_t>(rows - width, 0);
                        task.b = packed;
                        task.stride_b = task.stride_c = panel;
                        packed += panel * k;
                        T* to = c_ + i * stride_c_ + j;
                        if (add_)
                        {
                            std::fill_n(buffer, set::largest, T(0));
                            transpose<T, Arch>(to, stride_c_, task.rows, rows, buffer, panel);
                        }
                        set::of(few, vectors)(task);
                        transpose<T, Arch>(buffer, panel, rows, task.rows, to, stride_c_);
                    }
                }
            }

        private:
            using set = tiles<T, Arch>;
            static constexpr std::ptrdiff_t width = set::width;

            /// All tiles of one panel of B; `packs` the left operand on its first use.
            void run_panel(std::ptrdiff_t first_row, std::ptrdiff_t last_row, std::ptrdiff_t p, std::ptrdiff_t k,
                           std::ptrdiff_t j, int vectors, std::ptrdiff_t columns, const T* right, std::ptrdiff_t stride,
                           bool packs) const
            {
                const matrix<T> a = a_.from(0, p);
                tile_task<T> task;
                task.k = k;
                task.last = std::max<std::ptrdiff_t>(columns - width, 0);
                task.row_step = a.transposed ? 1 : a.stride;
                task.step = a.transposed ? a.stride : 1;
                task.a = a.data + first_row * task.row_step;
                task.b = right;
                task.stride_b = stride;
                task.c = c_ + first_row * stride_c_ + j;
                task.stride_c = stride_c_;
                task.add = add_ || p > 0;
                T* packed = left_;
                for (std::ptrdiff_t i = first_row; i < last_row; i += task.rows)
                {
                    const bool few = last_row - i <= set::few_rows;
                    const std::ptrdiff_t height = few ? set::few_rows : set::rows;
                    task.rows = std::min(height, last_row - i);
                    if (packs_left_)
                    {
                        if (packs)
                            pack<T, Arch>(transposed(a_.from(i, p)), k, task.rows, packed, height);
                        task.a = packed;
                        task.row_step = 1;
                        task.step = height;
                        packed += height * k;
                    }
                    if (columns >= width)
                        set::of(few, vectors)(task);
                    else
                        run_narrow(set::of(few, 1), task, columns);
                    task.a += task.rows * task.row_step;
                    task.c += task.rows * stride_c_;
                }
            }

            static constexpr matrix<T> transposed(const matrix<T>& x) { return {x.data, x.stride, !x.transposed}; }

            /// Columns fewer than a register holds are summed in a buffer.
            [[gnu::noinline]] static void run_narrow(tile_function<T> tile, const tile_task<T>& to,
                                                     std::ptrdiff_t columns)
            {
                alignas(64) T buffer[set::rows * width];
                tile_task<T> task = to;
                task.c = buffer;
                task.stride_c = width;
                if (to.add)
                {
                    std::fill_n(buffer, set::rows * width, T(0));
                    for (std::ptrdiff_t i = 0; i < to.rows; ++i)
                        copy_few(to.c + i * to.stride_c, buffer + i * width, columns);
                }
                tile(task);
                for (std::ptrdiff_t i = 0; i < to.rows; ++i)
                    copy_few(buffer + i * width, to.c + i * to.stride_c, columns);
            }

            const gemm_blocks& blocks_;
            const matrix<T>&a_, &b_;
            T* c_;
            std::ptrdiff_t stride_c_;
            bool add_;
            T *right_, *left_;
            bool packs_left_, direct_;
        };

        /// Products that need no workspace: few rows, or a panel of B that fits on the stack. False if it is neither.
        template <class T, class Arch>
        [[gnu::noinline]] bool small_product(const gemm_blocks& blocks, const matrix<T>& a, const matrix<T>& b, T* c,
                                             std::ptrdiff_t stride_c, bool add)
        {
            constexpr std::ptrdiff_t width = tiles<T, Arch>::width;
            const auto [m, n, k] = blocks;
            if (k <= 0 || n <= 0)
            {
                for (std::ptrdiff_t i = 0; i < m && !add; ++i)
                    std::fill_n(c + i * stride_c, n, T(0));
            }
            else if (m <= 4 && b.transposed && !a.transposed && k >= 2 * width)
                multiply_by_dots<T, Arch>(m, n, k, a, b, c, stride_c, add);
            else if (m <= 3 && !b.transposed && n >= width)
                multiply_by_rows<T, Arch>(m, n, k, a, b, c, stride_c, add);
            else if (blocks.small<T>())
            {
                alignas(64) T panel[16384 / sizeof(T)];
                product<T, Arch>(blocks, a, b, c, stride_c, add, panel).run(0, 0, 0, m);
            }
            else
                return false;
            return true;
        }

        /// The thin outer loop over blocks, all that is compiled once per kind of `rows_done`.
        template <class T, class Arch>
        void run_product(const gemm_blocks& blocks, const matrix<T>& a, const matrix<T>& b, T* c,
                         std::ptrdiff_t stride_c, bool add, T* workspace, auto& rows_done)
        {
            const auto [m, n, k] = blocks;
            if (small_product<T, Arch>(blocks, a, b, c, stride_c, add))
            {
                rows_done(std::ptrdiff_t(0), m);
                return;
            }
            const product<T, Arch> product(blocks, a, b, c, stride_c, add, workspace);
            if (b.transposed && blocks.turns<T>())
            {
                product.run_turned();
                rows_done(std::ptrdiff_t(0), m);
                return;
            }
            for (std::ptrdiff_t j = 0; j < n; j += blocks.block_columns())
                for (std::ptrdiff_t p = 0; p < k; p += blocks.block_depth())
                    for (std::ptrdiff_t i = 0; i < m; i += blocks.block_rows())
                    {
                        const std::ptrdiff_t last = std::min(m, i + blocks.block_rows());
                        product.run(j, p, i, last);
                        if (j + blocks.block_columns() >= n && p + blocks.block_depth() >= k)
                            rows_done(i, last);
                    }
        }
    } // namespace detail

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
    template <class T, class Arch = xsimd::default_arch, class RowsDone = nothing>
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
} // namespace xgrad::inline XGRAD_ABI::kernel
