// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Threads that kernels share their loops among; who makes some says how they run. A kernel is cut into parts that it
    /// computes as it would compute the whole, so results have the same bits whatever their number.
    struct workers
    {
        /// How many parts run at the same time.
        int count = 1;
        /// Calls task(context, part) for every part of [0, parts), each on a thread of its own, and waits for all.
        void (*run)(const workers& self, int parts, void (*task)(const void* context, int part), const void* context) = nullptr;
        /// Memory of `parts` parts, `bytes` apart and aligned to 64, that is valid until the next call.
        void* (*reserve)(const workers& self, int parts, std::size_t bytes) = nullptr;

        /// Parts of a loop that are at least `least` elements or rows long.
        int parts(std::ptrdiff_t size, std::ptrdiff_t least) const
        {
            return static_cast<int>(std::min<std::ptrdiff_t>(count, size / least));
        }

        /// Calls share(part, first, last) for parts of [0, size) that begin at multiples of `step`.
        void split(std::ptrdiff_t size, int parts, std::ptrdiff_t step, const auto& share) const
        {
            struct cut
            {
                std::ptrdiff_t size, step;
                int parts;
                decltype(std::addressof(share)) body;
                std::ptrdiff_t begin(int part) const { return part == parts ? size : size * part / parts / step * step; }
            };
            const cut context{size, step, parts, std::addressof(share)};
            run(
                *this, parts,
                [](const void* at, int part)
                {
                    const cut& of = *static_cast<const cut*>(at);
                    (*of.body)(part, of.begin(part), of.begin(part + 1));
                },
                &context);
        }
    };

    /// Rooms of the parts that threads compute, for so many elements each; none if one thread does all.
    template <class T>
    struct shared_parts
    {
        int count = 0;
        std::byte* rooms = nullptr;
        std::size_t bytes = 0;

        shared_parts() = default;
        shared_parts(const workers& threads, int parts, std::ptrdiff_t elements)
            : count(parts), bytes((static_cast<std::size_t>(elements) * sizeof(T) + 127) / 64 * 64)
        {
            rooms = static_cast<std::byte*>(threads.reserve(threads, parts, bytes));
        }
        explicit operator bool() const { return count > 0; }
        T* room(int part) const { return reinterpret_cast<T*>(rooms + static_cast<std::size_t>(part) * bytes); }
    };

    /// Calls body(first, last) for all of [0, size): on threads, if there are some, for parts of at least `least` that begin at
    /// multiples of `step`; or at once.
    constexpr void share([[maybe_unused]] const workers* threads, std::ptrdiff_t size, [[maybe_unused]] std::ptrdiff_t least,
                         [[maybe_unused]] std::ptrdiff_t step, auto&& body)
    {
        if constexpr (with_threads)
            if (const int parts = threads ? threads->parts(size, least) : 1; parts > 1)
                return threads->split(size, parts, step,
                                      [&](int, std::ptrdiff_t first, std::ptrdiff_t last) { body(first, last); });
        body(0, size);
    }

    /// Tells `done` of the elements of a part, which are so many further.
    constexpr auto shifted(const auto& done, std::ptrdiff_t by)
    {
        return [&done, by](std::ptrdiff_t first, std::ptrdiff_t last) { done(by + first, by + last); };
    }

    /// Elements of an elementwise loop below which threads cost more than they give (two are as fast as one there).
    inline constexpr std::ptrdiff_t fewest_shared_elements = 1 << 15;
    /// How many rows of so many elements a thread gets at least.
    constexpr std::ptrdiff_t shared_rows(std::ptrdiff_t elements)
    {
        return std::max<std::ptrdiff_t>(1, fewest_shared_elements / 4 / std::max<std::ptrdiff_t>(1, elements));
    }
    /// Multiplications of a product below which they do not pay either (two threads are 1.6 times as fast as one there), and
    /// rows that one thread gets at least: a product of few rows takes another path, whose sums are ordered differently.
    inline constexpr std::ptrdiff_t fewest_shared_products = 1 << 20, fewest_shared_rows = 24;
}
