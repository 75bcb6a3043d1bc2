// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/tensor/buffer.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <new>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    /// Memory of values that come and go: blocks of a few sizes, taken from the system in slabs and kept for the next
    /// value of about that size. A loop whose shapes repeat takes nothing from the system after its first iteration.
    class tape_memory
    {
    public:
        struct block
        {
            std::byte* data = nullptr;
            int size_class = -1;
        };

        block take(std::int64_t bytes)
        {
            std::int64_t lines = 0;
            const int size_class = class_of((bytes + line - 1) / line, lines);
            free_block*& first = free_[static_cast<std::size_t>(size_class)];
            if (!first)
                refill(size_class, lines);
            free_block* const found = first;
            first = found->next;
            return {reinterpret_cast<std::byte*>(found), size_class};
        }

        void give_back(const block& b) noexcept
        {
            free_block*& first = free_[static_cast<std::size_t>(b.size_class)];
            first = ::new (b.data) free_block{first};
        }

        /// Bytes taken from the system.
        std::size_t bytes() const { return bytes_; }

    private:
        struct free_block
        {
            free_block* next;
        };

        static constexpr auto line = static_cast<std::int64_t>(alignment);

        // one class for each of 1 to 8 lines, then four for every doubling: at most a fifth of a block is not used
        static int class_of(std::int64_t lines, std::int64_t& rounded)
        {
            if (lines <= 8)
            {
                rounded = lines > 0 ? lines : 1;
                return static_cast<int>(rounded) - 1;
            }
            const int doublings = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(lines - 1))) - 3;
            const std::int64_t step = std::int64_t{1} << doublings, steps = (lines + step - 1) / step; // 5 to 8
            rounded = steps * step;
            return 8 + (doublings - 1) * 4 + static_cast<int>(steps) - 5;
        }

        void refill(int size_class, std::int64_t lines)
        {
            const std::int64_t bytes = lines * line, count = bytes < slab ? slab / bytes : 1;
            slabs_.emplace_back(static_cast<std::size_t>(bytes * count));
            bytes_ += slabs_.back().size();
            for (std::int64_t k = count - 1; k >= 0; --k)
                give_back({slabs_.back().data() + k * bytes, size_class});
        }

        static constexpr std::int64_t slab = 1 << 15;

        std::array<free_block*, 160> free_{};
        std::vector<buffer> slabs_;
        std::size_t bytes_ = 0;
    };
}
