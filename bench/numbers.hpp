// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <random>
#include <vector>

namespace bench
{
    /// Memory that begins on a cache line, and another one of its page each time: where tables lie at a multiple of 4 KB from
    /// each other, loads wait for stores that they have nothing to do with, up to a factor of 4.
    template <class T>
    struct line_allocator
    {
        using value_type = T;
        static constexpr std::size_t line = 64, page = 4096;

        line_allocator() = default;
        template <class U>
        line_allocator(const line_allocator<U>&)
        {
        }
        T* allocate(std::size_t count)
        {
            static std::size_t shift = 0;
            shift = (shift + 21 * line) % page;
            auto* const begin =
                static_cast<std::byte*>(::operator new(count * sizeof(T) + line + page, std::align_val_t{line}));
            std::byte* const data = begin + line + shift;
            std::memcpy(data - line, &begin, sizeof begin);
            return reinterpret_cast<T*>(data);
        }
        void deallocate(T* p, std::size_t)
        {
            std::byte* begin;
            std::memcpy(&begin, reinterpret_cast<std::byte*>(p) - line, sizeof begin);
            ::operator delete(begin, std::align_val_t{line});
        }
        friend bool operator==(const line_allocator&, const line_allocator&) { return true; }
    };

    using numbers = std::vector<float, line_allocator<float>>;

    /// Random numbers between -scale and scale; every call draws others.
    inline numbers random_numbers(std::size_t count, float scale = 1)
    {
        static std::mt19937 random{1};
        numbers drawn(count);
        for (float& x : drawn)
            x = scale * (static_cast<float>(random() >> 8) / static_cast<float>(1 << 23) - 1);
        return drawn;
    }

    /// A copy that can be compared.
    template <class Numbers>
    std::vector<float> copy_of(const Numbers& x)
    {
        return {x.begin(), x.end()};
    }
}
