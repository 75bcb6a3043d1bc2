// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/lanes.hpp>
#include <xgrad/shape/broadcast.hpp>

#include <cstring>
#include <utility>

/// Kernels of tensors so small that a loop's set-up costs more than the loop: all extents are constants.
namespace xgrad::inline XGRAD_ABI::kernel::small
{
    template <class T>
    inline constexpr std::ptrdiff_t full_width = static_cast<std::ptrdiff_t>(xsimd::batch<T, default_arch>::size);

    /// The lanes in which so many elements are computed, or void if no register has just as many.
    template <class T, std::ptrdiff_t Width>
    using lanes_of =
        std::conditional_t<Width == full_width<T>, xsimd::batch<T, default_arch>,
                           std::conditional_t<(Width < full_width<T>), sized_batch<T, static_cast<std::size_t>(Width)>, void>>;

    /// The lanes in which functions of so many elements are computed. xsimd fuses no multiplication and addition in SSE's
    /// registers, so that its functions would round otherwise there than in the wide ones.
    template <class T, std::ptrdiff_t Width>
    using computed_lanes = std::conditional_t<(Width < full_width<T> && Width * sizeof(T) == 16),
                                              lanes_of<T, 32 / static_cast<std::ptrdiff_t>(sizeof(T))>, lanes_of<T, Width>>;

    /// The elements of a vector, twice if its functions are computed in one twice as wide.
    template <std::ptrdiff_t Width, class T, class Arch>
    [[gnu::always_inline]] inline computed_lanes<T, Width> widen(const xsimd::batch<T, Arch>& x)
    {
        if constexpr (std::is_same_v<computed_lanes<T, Width>, xsimd::batch<T, Arch>>)
            return x;
        else if constexpr (Width == 4)
            return {__builtin_shufflevector(x.data, x.data, 0, 1, 2, 3, 0, 1, 2, 3)};
        else
            return {__builtin_shufflevector(x.data, x.data, 0, 1, 0, 1)};
    }

    template <std::ptrdiff_t Width, class T, class Arch>
    [[gnu::always_inline]] inline lanes_of<T, Width> narrow(const xsimd::batch<T, Arch>& x)
    {
        if constexpr (std::is_same_v<lanes_of<T, Width>, xsimd::batch<T, Arch>>)
            return x;
        else if constexpr (Width == 4)
            return {__builtin_shufflevector(x.data, x.data, 0, 1, 2, 3)};
        else
            return {__builtin_shufflevector(x.data, x.data, 0, 1)};
    }

    /// How many lanes the widest vectors have in straight code whose largest value has so many elements. The division of a
    /// sigmoid or a tanh takes 18 cycles in 64 bytes and 11 in 32, so that few elements are sooner done in halves; when there
    /// are many, half as many instructions are worth more. One width for all statements, as what is stored in halves and loaded
    /// whole waits for the cache.
    template <class T>
    consteval std::ptrdiff_t widest(std::ptrdiff_t elements)
    {
        constexpr std::ptrdiff_t full = full_width<T>;
        return full * sizeof(T) == 64 && elements < 4 * full ? full / 2 : full;
    }

    /// How many lanes the next vector of `left` elements has: as many as fit, and at least the fewest there are.
    template <class T>
    consteval std::ptrdiff_t next_width(std::ptrdiff_t left, std::ptrdiff_t width)
    {
        const auto exists = [](std::ptrdiff_t lanes)
        {
            return (lanes == 8 && !std::is_void_v<lanes_of<T, 8>>) || (lanes == 4 && !std::is_void_v<lanes_of<T, 4>>) ||
                   (lanes == 2 && !std::is_void_v<lanes_of<T, 2>>);
        };
        while (width > left && exists(width / 2))
            width /= 2;
        return width;
    }

    /// Calls f.operator()<Width, Used>(first) for the vectors of `Count` elements: the widest in a loop, then ever smaller
    /// ones; Used < Width elements of the last one exist.
    template <class T, std::ptrdiff_t Count, std::ptrdiff_t Widest, std::ptrdiff_t First = 0, class Body>
    [[gnu::always_inline]] inline void for_vectors(Body&& f)
    {
        if constexpr (First < Count)
        {
            constexpr std::ptrdiff_t left = Count - First, width = next_width<T>(left, Widest);
            if constexpr (left < width)
                f.template operator()<width, left>(First);
            else
            {
                constexpr std::ptrdiff_t last = First + left / width * width;
#pragma GCC unroll 4
                for (std::ptrdiff_t at = First; at < last; at += width)
                    f.template operator()<width, width>(at);
                for_vectors<T, Count, Widest, last>(f);
            }
        }
    }

    /// A vector of which `Used` elements are read, followed by copies of the first.
    template <std::ptrdiff_t Width, std::ptrdiff_t Used, class T>
    [[gnu::always_inline]] inline lanes_of<T, Width> load(const T* from)
    {
        if constexpr (Used == Width)
            return lanes_of<T, Width>::load_unaligned(from);
        else
        {
            T part[Width];
#pragma GCC unroll 16
            for (std::ptrdiff_t k = 0; k < Width; ++k)
                part[k] = from[k < Used ? k : 0];
            return lanes_of<T, Width>::load_unaligned(part);
        }
    }

    /// Writes the first `Used` lanes.
    template <std::ptrdiff_t Width, std::ptrdiff_t Used, class T>
    [[gnu::always_inline]] inline void store(const lanes_of<T, Width>& value, T* to)
    {
        if constexpr (Used == Width)
            value.store_unaligned(to);
        else
        {
            T part[Width];
            value.store_unaligned(part);
#pragma GCC unroll 16
            for (std::ptrdiff_t k = 0; k < Used; ++k)
                to[k] = part[k];
        }
    }

    /// Copies so many elements in registers of the widths that other loops read them in.
    template <std::ptrdiff_t Count, std::ptrdiff_t Widest, class T>
    [[gnu::always_inline]] inline void copy(const T* from, T* to)
    {
        if constexpr (std::is_floating_point_v<T>)
            for_vectors<T, Count, Widest>([&]<std::ptrdiff_t Width, std::ptrdiff_t Used>(std::ptrdiff_t at)
                                          { store<Width, Used>(load<Width, Used>(from + at), to + at); });
        else
            std::memcpy(to, from, Count * sizeof(T));
    }
}
