// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>
#include <xgrad/meta/philox.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Random integers that depend on nothing but a seed and the number of a stream.
    class random_integers
    {
    public:
        /// The numbers of one stream, from its start.
        constexpr random_integers(std::uint64_t seed, std::uint64_t stream)
            : counter_{0, use, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)},
              key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}
        {
        }

        /// A number from 0 to bound - 1, each as likely as the other (Lemire's method); bound is at least 1.
        constexpr std::uint32_t below(std::uint32_t bound)
        {
            std::uint64_t product = std::uint64_t{next()} * bound;
            if (static_cast<std::uint32_t>(product) < bound)
            {
                const std::uint32_t threshold = (0u - bound) % bound;
                while (static_cast<std::uint32_t>(product) < threshold)
                    product = std::uint64_t{next()} * bound;
            }
            return static_cast<std::uint32_t>(product >> 32);
        }

    private:
        // Keeps these numbers apart from those of others who use the same seed.
        static constexpr std::uint32_t use = 0x73687566;

        constexpr std::uint32_t next()
        {
            if (used_ == 4)
            {
                words_ = philox(counter_, key_);
                ++counter_[0];
                used_ = 0;
            }
            return words_[used_++];
        }

        std::array<std::uint32_t, 4> counter_;
        std::array<std::uint32_t, 2> key_;
        std::array<std::uint32_t, 4> words_{};
        std::size_t used_ = 4;
    };

    /// The numbers from 0 to size - 1 in random order (Fisher and Yates), every order as likely as the other.
    inline std::vector<std::uint32_t> shuffled(std::size_t size, std::uint64_t seed, std::uint64_t epoch)
    {
        if (size > std::numeric_limits<std::uint32_t>::max())
            throw range_error("shuffled: at most 2^32 - 1 items can be shuffled, but there are " + std::to_string(size));
        std::vector<std::uint32_t> order(size);
        std::iota(order.begin(), order.end(), 0u);
        random_integers random{seed, epoch};
        for (std::uint32_t left = static_cast<std::uint32_t>(size); left > 1; --left)
            std::swap(order[left - 1], order[random.below(left)]);
        return order;
    }
}
