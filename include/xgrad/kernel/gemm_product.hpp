// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/channel_finish.hpp>
#include <xgrad/kernel/gemm_blocks.hpp>
#include <xgrad/kernel/gemm_skinny.hpp>
#include <xgrad/kernel/gemm_tiled.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// One product, cut as gemm_blocks says. Outermost are blocks of columns, of depth and of rows (run_blocks); in one of
    /// them go 256 rows of depth (512 of tiled operands), their panels of B, and innermost the tiles of a panel from top to
    /// bottom: a panel is read from L1, a block of A from L2. `Right` is a matrix, or what else pack_panel can pack. C may have a
    /// few columns more, for which a register is too wide.
    template <class T, class Arch, class Right = matrix<T>>
    class product
    {
    public:
        product(const gemm_blocks& blocks, const matrix<T>& a, const Right& b, T* c, std::ptrdiff_t stride_c, bool add,
                T* workspace, const channel_finish<T>* finish = nullptr, const last_columns<T>& more = {})
            : blocks_(blocks), a_(a), b_(b), c_(c), stride_c_(stride_c), add_(add), right_(workspace),
              left_(workspace + blocks.right_size<T>()), finish_(finish), more_(more),
              packs_left_(!a.tiled && blocks.left_size<T>() > 0)
        {
            if constexpr (is_matrix)
                direct_ = !b.transposed && blocks.reads_right<T>();
            else
                direct_ = b.offsets != nullptr;
        }

        /// Whether rows of C, the channels of a convolution, are finished with the last block of depth.
        bool finishes() const { return finish_ != nullptr; }

        /// One block of columns and depth for one block of rows; the first block of rows packs B for the others.
        void run(std::ptrdiff_t first_column, std::ptrdiff_t first_depth, std::ptrdiff_t first_row,
                 std::ptrdiff_t last_row) const
        {
            const std::ptrdiff_t last_column = std::min(blocks_.n, first_column + blocks_.block_columns());
            const std::ptrdiff_t last_depth = std::min(blocks_.k, first_depth + blocks_.block_depth());
            const std::ptrdiff_t packed_width = gemm_blocks::up(last_column - first_column, width);
            const std::ptrdiff_t depth = a_.tiled ? gemm_blocks::tiled_depth : gemm_blocks::depth;
            for (std::ptrdiff_t p = first_depth; p < last_depth; p += depth)
            {
                const std::ptrdiff_t k = std::min(depth, last_depth - p);
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
                    const bool direct = direct_ && columns >= width;
                    if constexpr (is_matrix)
                    {
                        if (direct)
                        {
                            right = b_.data + p * b_.stride + j;
                            stride = b_.stride;
                        }
                    }
                    else if (direct)
                        right = nullptr; // tiles see the image
                    if (!direct && first_row == 0)
                        pack_panel<T, Arch>(b_.from(p, j), k, columns, packed, panel);
                    if (!blocks_.single())
                        packed += panel * k;
                    run_panel(first_row, last_row, p, k, j, vectors, columns, right, stride, j == first_column);
                }
            }
        }

        /// C^T (+)= op(B)^T op(A)^T: B is read where it lies, A is packed.
        void run_turned() const
        {
            const std::ptrdiff_t depth = blocks_.turned_depth<T>();
            for (std::ptrdiff_t p = 0; p < blocks_.k; p += depth)
                run_turned(p, std::min(depth, blocks_.k - p), add_ || p > 0);
        }

    private:
        using set = tiles<T, Arch>;
        static constexpr std::ptrdiff_t width = set::width;
        static constexpr bool is_matrix = std::is_same_v<Right, matrix<T>>;

        void run_turned(std::ptrdiff_t p, std::ptrdiff_t k, bool add) const
        {
            const std::ptrdiff_t m = blocks_.m, n = blocks_.n;
            alignas(64) T buffer[set::largest];
            tile_task<T> task;
            task.k = k;
            const std::ptrdiff_t row_step = b_.transposed ? b_.stride : 1;
            task.bytes_a = bytes(b_.transposed ? 1 : b_.stride);
            task.c = buffer;
            task.add = add;
            // of rows that fill a first-level cache the processor brings enough by itself
            const bool brings = bytes(set::rows * k) < 32768;
            for (std::ptrdiff_t j = 0; j < n; j += task.rows)
            {
                const std::ptrdiff_t height = set::height(n - j);
                task.rows = std::min(height, n - j);
                task.a = b_.from(p, j).data;
                T* packed = right_;
                int vectors;
                for (std::ptrdiff_t i = 0; i < m; i += vectors * width)
                {
                    vectors = set::panel((m - i + width - 1) / width);
                    const std::ptrdiff_t panel = vectors * width, rows = std::min(panel, m - i);
                    if (j == 0)
                        pack_panel<T, Arch>(transposed(a_.from(i, p)), k, rows, packed, panel);
                    task.last = std::max<std::ptrdiff_t>(rows - width, 0);
                    task.b = packed;
                    task.bytes_b = bytes(panel);
                    task.set_rows(task.rows, row_step, panel);
                    packed += panel * k;
                    T* to = c_ + i * stride_c_ + j;
                    if (add)
                    {
                        std::fill_n(buffer, set::largest, T(0));
                        transpose<T, Arch>(to, stride_c_, task.rows, rows, buffer, panel);
                    }
                    if (i == 0 && brings)
                        task.bring_left(transposed(b_.from(p, 0)), j, task.rows, n);
                    set::of(height, vectors)(task);
                    task.ahead_lines = 0;
                    transpose<T, Arch>(buffer, panel, rows, task.rows, to, stride_c_);
                }
            }
        }

        /// All tiles of one panel of B; in the first one the left operand is packed, or brought nearer.
        void run_panel(std::ptrdiff_t first_row, std::ptrdiff_t last_row, std::ptrdiff_t p, std::ptrdiff_t k, std::ptrdiff_t j,
                       int vectors, std::ptrdiff_t columns, const T* right, std::ptrdiff_t stride, bool first) const
        {
            const std::ptrdiff_t row_step = a_.transposed ? 1 : a_.stride;
            const bool side_by_side = packs_left_ || a_.tiled; // rows of a tile of A
            tile_task<T> task;
            task.k = k;
            task.rows = 0;
            task.last = std::max<std::ptrdiff_t>(columns - width, 0);
            task.bytes_a = bytes(a_.transposed ? a_.stride : 1);
            task.b = right;
            task.bytes_b = bytes(stride);
            task.add = add_ || p > 0;
            const bool of_image = right == nullptr;
            if constexpr (!is_matrix)
                if (of_image)
                    see(task, p, j, vectors, columns);
            const std::ptrdiff_t rows_of_tiles = (last_row - first_row + set::rows - 1) / set::rows;
            T* packed = left_;
            for (std::ptrdiff_t i = first_row; i < last_row; i += task.rows)
            {
                const std::ptrdiff_t height = set::height(last_row - i), rows = std::min(height, last_row - i);
                if (rows != task.rows)
                    task.set_rows(rows, side_by_side ? 1 : row_step, stride_c_);
                if (side_by_side)
                    task.bytes_a = bytes(height);
                if (packs_left_)
                {
                    if (first)
                        pack<T, Arch>(transposed(a_.from(i, p)), k, rows, packed, height);
                    task.a = packed;
                    packed += height * k;
                }
                else if (a_.tiled)
                {
                    task.a = a_.data + i * a_.stride + p * height;
                    task.bring_tile(first ? next_tile(first_row, last_row, i + rows, p, k) : nullptr, height);
                }
                else
                {
                    task.a = a_.from(i, p).data;
                    if (first)
                        task.bring_left(a_.from(first_row, p), i - first_row, rows, last_row - first_row);
                }
                const bool lies = stride != vectors * width; // where the program has it
                if (!of_image && (lies || first_row > 0))
                    task.bring_right(right + vectors * width * (lies ? 1 : k), task.bytes_b, (i - first_row) / set::rows,
                                     rows_of_tiles);
                else if constexpr (is_matrix)
                    if (!b_.transposed && blocks_.right_is_far<T>() && j + columns < blocks_.n)
                        task.bring_right(b_.data + p * b_.stride + j + columns, bytes(b_.stride), (i - first_row) / set::rows,
                                         rows_of_tiles);
                task.c = c_ + i * stride_c_ + j;
                const bool is_last = more_.count > 0 && j + columns == blocks_.n, finishes = finish_ && p + k == blocks_.k;
                task.finish = finishes && columns >= width ? finish_ : nullptr;
                task.channel = i;
                if (of_image)
                    multiply_seen(vectors, task);
                else if (columns >= width)
                    set::of(height, vectors)(task);
                else
                    multiply_narrow<T, Arch>(set::of(height, 1), task, columns);
                if (is_last)
                    multiply_last(task, p, k, height, columns);
                if (finishes && columns < width)
                    finish_->template run<Arch>(i, task.c, stride_c_, rows, columns);
                if (finishes && is_last)
                    finish_->template run<Arch>(i, task.c + columns, stride_c_, rows, more_.count);
            }
        }

        /// Where tiles find what taps of the image see.
        void see(tile_task<T>& task, std::ptrdiff_t p, std::ptrdiff_t j, int vectors, std::ptrdiff_t columns) const
        {
            constexpr std::ptrdiff_t half = width / 2;
            task.b = b_.image->data();
            task.bytes_b = 0;
            task.taps = b_.offsets + b_.tap + p;
            output_places(*b_.image, b_.output + j, half, 2 * (vectors - 1), task.halves);
            output_places(*b_.image, b_.output + j + columns - width, half, 2, task.halves + 2 * (vectors - 1));
        }
        static void multiply_seen(int vectors, const tile_task<T>& task)
        {
            if constexpr (!is_matrix && set::sees_images)
                set::of_image(vectors)(task);
        }

        /// The same rows of the columns that are by themselves, from the A that the tile left in L1; one, if A is not tiled.
        void multiply_last(const tile_task<T>& task, std::ptrdiff_t p, std::ptrdiff_t k, std::ptrdiff_t height,
                           std::ptrdiff_t columns) const
        {
            T sum[last_columns<T>::most * set::rows];
            const T* const b = more_.data + p * more_.stride();
            if (!a_.tiled)
                multiply_dots<T, Arch, set::rows, 1>(k, task.a, a_.stride, task.rows, b, 0, 1, sum);
            else
                multiply_tiled_last<T, Arch>(more_.count, height, k, task.a, b, sum);
            for (std::ptrdiff_t i = 0; i < task.rows; ++i)
                for (std::ptrdiff_t c = 0; c < more_.count; ++c)
                {
                    T& to = task.c[i * stride_c_ + columns + c];
                    to = task.add ? to + sum[c * height + i] : sum[c * height + i];
                }
        }

        /// Of a tiled operand what is read next: the tile below, or the first one of the next block of depth.
        const T* next_tile(std::ptrdiff_t first, std::ptrdiff_t last, std::ptrdiff_t i, std::ptrdiff_t p,
                           std::ptrdiff_t k) const
        {
            if (i < last)
                return a_.data + i * a_.stride + p * set::height(last - i);
            return p + k < blocks_.k ? a_.data + first * a_.stride + (p + k) * set::height(last - first) : nullptr;
        }

        static constexpr std::ptrdiff_t bytes(std::ptrdiff_t elements) { return elements * std::ptrdiff_t(sizeof(T)); }
        static constexpr matrix<T> transposed(const matrix<T>& x) { return {x.data, x.stride, !x.transposed}; }

        const gemm_blocks& blocks_;
        const matrix<T>& a_;
        const Right& b_;
        T* c_;
        std::ptrdiff_t stride_c_;
        bool add_;
        T *right_, *left_;
        const channel_finish<T>* finish_;
        last_columns<T> more_;
        bool packs_left_, direct_ = false;
    };
}
