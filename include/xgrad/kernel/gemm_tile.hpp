// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/channel_finish.hpp>
#include <xgrad/kernel/gemm_pack.hpp>
#include <xgrad/kernel/multiply_add.hpp>

#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    template <class T>
    const T* advance(const T* at, std::ptrdiff_t bytes)
    {
        return reinterpret_cast<const T*>(reinterpret_cast<const std::byte*>(at) + bytes);
    }

    /// One tile of C. Element (i, p) of the left operand is a[row_a[i]], `bytes_a` further for every p; rows
    /// of the right one are `bytes_b` apart. In one object, because arguments that GCC copies through the stack cost
    /// more than a small tile.
    template <class T>
    struct tile_task
    {
        static constexpr std::ptrdiff_t line = 64 / sizeof(T);
        std::ptrdiff_t k, rows, last; // `last`: where the last register of a row begins
        const T *a, *b;
        std::ptrdiff_t bytes_a, bytes_b; // from one p to the next
        // After so many p, the left operand goes on so many bytes further: the next row of an image.
        std::ptrdiff_t run = line, jump_a = 0;
        // What later tiles read and is brought nearer meanwhile: so many lines of A, and so many of `run` rows of B.
        const T *ahead_a = nullptr, *ahead_b = nullptr;
        std::ptrdiff_t ahead_lines = 0, bytes_ahead = 0, next_ahead = 0, ahead_rows = 0, bytes_ahead_b = 0;
        // Of an image whose taps are the rows of B: where each is, counted from `b`, and in it the halves of every register.
        const std::ptrdiff_t* taps = nullptr;
        std::ptrdiff_t halves[6]{};
        T* c;
        bool add;
        // What the sums are finished with before they are written, and the channel of the first row.
        const channel_finish<T>* finish = nullptr;
        std::ptrdiff_t channel = 0;
        std::ptrdiff_t row_a[8], row_c[8];

        /// What later tiles will read of A, of whose `all` rows `above` lie above this tile of `count`: a line of every row of
        /// the next one for each run. If A is transposed, a line lies in several tiles, and each brings its part of the next.
        void bring_left(const matrix<T>& first, std::ptrdiff_t above, std::ptrdiff_t count, std::ptrdiff_t all)
        {
            const std::ptrdiff_t part = first.transposed ? above % line : 0;
            const std::ptrdiff_t next = first.transposed ? above - part + line : above + count;
            ahead_a = first.from(next, part * k / line).data;
            bytes_ahead = first.stride * std::ptrdiff_t(sizeof(T));
            ahead_lines = next >= all ? 0 : first.transposed ? run * count / line : count;
            next_ahead = first.transposed ? ahead_lines * bytes_ahead : run * bytes_a;
        }

        /// The same of a tiled operand: the tile of so many rows that begins at `next`, which is read from one end to the other.
        void bring_tile(const T* next, std::ptrdiff_t height)
        {
            ahead_a = next;
            bytes_ahead = 64;
            ahead_lines = next ? height : 0;
            next_ahead = 64 * height;
        }

        /// The first rows of tiles in one column share what comes next of B, as wide as a tile of it, rows so many bytes apart.
        void bring_right(const T* next, std::ptrdiff_t bytes, std::ptrdiff_t tile, std::ptrdiff_t tiles)
        {
            const std::ptrdiff_t own = std::max<std::ptrdiff_t>(1, run / tiles);
            ahead_rows = tile * own < run ? own : 0;
            bytes_ahead_b = bytes;
            ahead_b = advance(next, tile * own * bytes);
        }

        /// Rows past the last one repeat it. Offsets in a table: comparisons in the kernel cost 3 % of a 512 x 512
        /// product.
        void set_rows(std::ptrdiff_t count, std::ptrdiff_t step_a, std::ptrdiff_t stride_c)
        {
            rows = count;
            for (std::ptrdiff_t i = 0; i < 8; ++i)
            {
                row_a[i] = (i < count ? i : count - 1) * step_a;
                row_c[i] = (i < count ? i : count - 1) * stride_c;
            }
        }
    };

    /// Two registers of half the width, side by side.
    template <class Batch, class Half, std::size_t... Lane>
    [[gnu::always_inline]] inline Batch side_by_side(const Half& a, const Half& b, std::index_sequence<Lane...>)
    {
        return Batch(__builtin_shufflevector(a.data, b.data, Lane...));
    }

    /// C (+)= A B for Rows x (Vectors registers), all sums in registers, k ascending for every element.
    /// Borders need no masks: rows past the last one repeat it, and the last register overlaps the one before it. What
    /// is computed twice has the same bits, and the whole tile is read before any of it is written.
    /// `Taps`: rows of B are what taps of an image see, read where it lies, halves of registers from one row of pixels each.
    template <class T, class Arch, int Rows, int Vectors, bool Taps = false>
    [[gnu::noinline]] void multiply_tile(const tile_task<T>& task)
    {
        using batch = xsimd::batch<T, Arch>;
        static_assert(Rows <= 8);
        constexpr std::ptrdiff_t width = batch::size;
        const std::ptrdiff_t last = task.last, bytes_a = task.bytes_a, bytes_b = task.bytes_b;
        std::ptrdiff_t row[Rows]{};
#pragma GCC unroll 16
        for (int i = 1; i < Rows; ++i)
            row[i] = task.row_a[i];
        T* const c = task.c;
        batch sum[Rows][Vectors];
        if (task.add)
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
            {
                // the tile below is likely to be next, and waits for what it begins with (3 % at 1024)
                const T* const below = c + task.row_c[i] + Rows * task.row_c[1];
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                {
                    sum[i][v] = batch::load_unaligned(c + task.row_c[i] + (v + 1 < Vectors ? v * width : last));
                    __builtin_prefetch(below + v * width, 1);
                }
            }
        else
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    sum[i][v] = batch(T(0));
        const T *a = task.a, *b = task.b;
        [[maybe_unused]] const std::ptrdiff_t* taps = task.taps;
        // steps in bytes: given elements, GCC at -O3 makes a copy of the loop for a step of 1, and spills in both (4 %)
        const T *ahead_a = task.ahead_lines > 0 ? task.ahead_a : a, *ahead_b = task.ahead_rows > 0 ? task.ahead_b : b;
        for (std::ptrdiff_t left = task.k, run = task.run; left > 0; left -= run, a = advance(a, task.jump_a))
        {
            const T* ahead = ahead_a;
            for (std::ptrdiff_t i = 0; i < task.ahead_lines; ++i, ahead = advance(ahead, task.bytes_ahead))
                __builtin_prefetch(ahead);
            ahead_a = advance(ahead_a, task.next_ahead);
            ahead = ahead_b;
            for (std::ptrdiff_t i = 0; i < task.ahead_rows; ++i, ahead = advance(ahead, task.bytes_ahead_b))
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    __builtin_prefetch(ahead + v * width, 0, 2);
            ahead_b = advance(ahead_b, run * task.bytes_ahead_b);
            for (std::ptrdiff_t p = left < run ? left : run; p > 0; --p, a = advance(a, bytes_a), b = advance(b, bytes_b))
            {
                batch right[Vectors];
                if constexpr (Taps)
                {
                    using half = sized_batch<T, batch::size / 2>;
                    const T* const seen = b + *taps++;
#pragma GCC unroll 4
                    for (int v = 0; v < Vectors; ++v)
                        right[v] = side_by_side<batch>(half::load_unaligned(seen + task.halves[2 * v]),
                                                       half::load_unaligned(seen + task.halves[2 * v + 1]),
                                                       std::make_index_sequence<batch::size>());
                }
                else
#pragma GCC unroll 4
                    for (int v = 0; v < Vectors; ++v)
                        right[v] = batch::load_unaligned(b + (v + 1 < Vectors ? v * width : last));
#pragma GCC unroll 16
                for (int i = 0; i < Rows; ++i)
                {
                    const batch factor(a[row[i]]);
#pragma GCC unroll 4
                    for (int v = 0; v < Vectors; ++v)
                        sum[i][v] = multiply_add(factor, right[v], sum[i][v]);
                }
            }
        }
        if (task.finish)
        {
            const channel_finish<T>& finish = *task.finish;
#pragma GCC unroll 16
            for (int i = 0; i < Rows; ++i)
            {
                const auto row = finish.template of_row<batch>(task.channel + std::min<std::ptrdiff_t>(i, task.rows - 1));
#pragma GCC unroll 4
                for (int v = 0; v < Vectors; ++v)
                    sum[i][v] = row(sum[i][v], c + task.row_c[i] + (v + 1 < Vectors ? v * width : last));
            }
        }
#pragma GCC unroll 16
        for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
            for (int v = 0; v < Vectors; ++v)
                sum[i][v].store_unaligned(c + task.row_c[i] + (v + 1 < Vectors ? v * width : last));
    }

    template <class T>
    using tile_function = void (*)(const tile_task<T>&);

    /// The tiles of an architecture: 24 sums on 32 registers, 12 on 16; half as many rows for the last rows.
    template <class T, class Arch>
    struct tiles
    {
        static constexpr std::ptrdiff_t width = xsimd::batch<T, Arch>::size;
        static constexpr bool many_registers = width * sizeof(T) >= 64 || !xsimd::sse2::supported();
        static constexpr int vectors = 3, few_rows = 4, rows = many_registers ? 8 : 4;
        static constexpr std::ptrdiff_t largest = rows * vectors * width;

        static constexpr tile_function<T> of(std::ptrdiff_t height, int count)
        {
            constexpr tile_function<T> table[2][vectors]{
                {multiply_tile<T, Arch, rows, 1>, multiply_tile<T, Arch, rows, 2>, multiply_tile<T, Arch, rows, 3>},
                {multiply_tile<T, Arch, few_rows, 1>, multiply_tile<T, Arch, few_rows, 2>,
                 multiply_tile<T, Arch, few_rows, 3>}};
            return table[height < rows][count - 1];
        }

        /// The same of what taps of an image see, if registers have halves.
        static constexpr bool sees_images = !std::is_void_v<sized_batch<T, static_cast<std::size_t>(width / 2)>>;
        static constexpr tile_function<T> of_image(int count)
        {
            constexpr tile_function<T> table[vectors]{multiply_tile<T, Arch, rows, 1, true>,
                                                      multiply_tile<T, Arch, rows, 2, true>,
                                                      multiply_tile<T, Arch, rows, 3, true>};
            return table[count - 1];
        }

        /// How many rows the next tile has; past the last one it repeats that.
        static constexpr std::ptrdiff_t height(std::ptrdiff_t left) { return left <= few_rows ? few_rows : rows; }

        /// How many registers the next panel spans: never a lonely one behind full ones.
        static constexpr int panel(std::ptrdiff_t left)
        {
            return left == 4 ? 2 : static_cast<int>(left < vectors ? left : vectors);
        }
    };

    /// Columns fewer than a register holds are summed in a buffer.
    template <class T, class Arch>
    [[gnu::noinline]] void multiply_narrow(tile_function<T> tile, const tile_task<T>& to, std::ptrdiff_t columns)
    {
        using set = tiles<T, Arch>;
        constexpr std::ptrdiff_t width = set::width;
        alignas(64) T buffer[set::rows * width];
        const std::ptrdiff_t rows = std::min<std::ptrdiff_t>(to.rows, set::rows);
        tile_task<T> task = to;
        task.c = buffer;
        for (std::ptrdiff_t i = 0; i < set::rows; ++i)
            task.row_c[i] = i * width;
        if (to.add)
        {
            std::fill_n(buffer, set::rows * width, T(0));
            for (std::ptrdiff_t i = 0; i < rows; ++i)
                copy_few(to.c + to.row_c[i], buffer + i * width, columns);
        }
        tile(task);
        for (std::ptrdiff_t i = 0; i < rows; ++i)
            copy_few(buffer + i * width, to.c + to.row_c[i], columns);
    }
}
