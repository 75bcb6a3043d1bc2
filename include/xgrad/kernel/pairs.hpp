// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    // Shuffles of neighbours. Registers of one lane cannot split or join pairs.
    //
    // The compiler's shuffle of what a batch holds: xsimd 8.1 has none of two batches, and its zip_lo and zip_hi join pairs
    // within 16 bytes from AVX on (0 1 2 3 8 9 10 11 of eight floats), unlike those for SSE and NEON.

    template <class Batch>
    using lanes_of_batch = std::make_index_sequence<Batch::size>;

    template <class Batch, std::size_t... Lane>
    [[gnu::always_inline]] inline std::pair<Batch, Batch> split_lanes(const Batch& a, const Batch& b,
                                                                      std::index_sequence<Lane...>)
    {
        return {Batch(__builtin_shufflevector(a.data, b.data, 2 * Lane...)),
                Batch(__builtin_shufflevector(a.data, b.data, 2 * Lane + 1 ...))};
    }
    template <class Batch, std::size_t... Lane>
    [[gnu::always_inline]] inline std::pair<Batch, Batch> join_lanes(const Batch& a, const Batch& b,
                                                                     std::index_sequence<Lane...>)
    {
        constexpr std::size_t width = Batch::size;
        return {Batch(__builtin_shufflevector(a.data, b.data, (Lane / 2 + Lane % 2 * width)...)),
                Batch(__builtin_shufflevector(a.data, b.data, (width / 2 + Lane / 2 + Lane % 2 * width)...))};
    }

    template <int Shift, class Batch, std::size_t... Lane>
    [[gnu::always_inline]] inline Batch shifted_lanes(const Batch& a, const Batch& b, std::index_sequence<Lane...>)
    {
        if constexpr (Batch::size == 1)
            return Shift == 0 ? a : b;
        else
            return {__builtin_shufflevector(a.data, b.data, static_cast<int>(Lane) + Shift...)};
    }

    /// Lanes Shift and following of two registers side by side.
    template <int Shift, class Batch>
    [[gnu::always_inline]] inline Batch shifted(const Batch& a, const Batch& b)
    {
        return shifted_lanes<Shift>(a, b, lanes_of_batch<Batch>());
    }

    /// Every second element of two registers side by side, and the others.
    template <class Batch>
    [[gnu::always_inline]] inline std::pair<Batch, Batch> split_pairs(const Batch& a, const Batch& b)
    {
        return split_lanes(a, b, lanes_of_batch<Batch>());
    }
    /// The other way round: a[0], b[0], a[1], b[1], ...
    template <class Batch>
    [[gnu::always_inline]] inline std::pair<Batch, Batch> join_pairs(const Batch& a, const Batch& b)
    {
        return join_lanes(a, b, lanes_of_batch<Batch>());
    }

    /// a[0] + a[1], a[2] + a[3], ..., b[0] + b[1], ...
    template <class Batch>
    [[gnu::always_inline]] inline Batch sums_of_pairs(const Batch& a, const Batch& b)
    {
        const auto [even, odd] = split_pairs(a, b);
        return even + odd;
    }

    /// Sums of Count neighbours in each of Count registers, those of one after those of another.
    template <int Count, class Batch>
    [[gnu::always_inline]] inline Batch sums_of_lanes(const Batch* x)
    {
        if constexpr (Count == 1)
            return *x;
        else
            return sums_of_pairs(sums_of_lanes<Count / 2>(x), sums_of_lanes<Count / 2>(x + Count / 2));
    }

    /// to[q] = the sum of all lanes of x[q]; `Count` is a power of 2.
    template <int Count, class Batch, class T>
    [[gnu::always_inline]] inline void sum_across(const Batch* x, T* to)
    {
        constexpr int width = Batch::size, at_once = Count < width ? Count : width;
#pragma GCC unroll 16
        for (int q = 0; q < Count; q += at_once)
        {
            Batch sums = sums_of_lanes<at_once>(x + q);
            if constexpr (at_once == width)
                sums.store_unaligned(to + q);
            else
            {
#pragma GCC unroll 4
                for (int lanes = width; lanes > at_once; lanes /= 2)
                    sums = sums_of_pairs(sums, sums);
                T part[width];
                sums.store_unaligned(part);
                std::copy_n(part, at_once, to + q);
            }
        }
    }

    /// body(i, whole) for i from 0 to count, in steps of a register if whole; the last register overlaps the one before it.
    template <class T, class Arch>
    [[gnu::always_inline]] inline void each_register(std::ptrdiff_t count, auto&& body)
    {
        constexpr std::ptrdiff_t width = xsimd::batch<T, Arch>::size;
        std::ptrdiff_t i = 0;
        if constexpr (width > 1)
            for (; i < count && count >= width; i += width)
                body(std::min(i, count - width), std::true_type());
        for (; i < count; ++i)
            body(i, std::false_type());
    }

    /// even[i] = from[2 i] and odd[i] = from[2 i + 1].
    template <class T, class Arch>
    void split_run(const T* from, std::ptrdiff_t count, T* even, T* odd)
    {
        using batch = xsimd::batch<T, Arch>;
        each_register<T, Arch>(count,
                               [=]<class Whole>(std::ptrdiff_t i, Whole)
                               {
                                   if constexpr (Whole::value)
                                   {
                                       const auto [a, b] = split_pairs(batch::load_unaligned(from + 2 * i),
                                                                       batch::load_unaligned(from + 2 * i + batch::size));
                                       a.store_unaligned(even + i);
                                       b.store_unaligned(odd + i);
                                   }
                                   else
                                   {
                                       even[i] = from[2 * i];
                                       odd[i] = from[2 * i + 1];
                                   }
                               });
    }
}
