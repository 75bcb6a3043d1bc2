// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/philox.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Random numbers that depend on nothing but a seed, the number of a stream and what they are for. A loader gives every
    /// item of every epoch a stream of its own, so what is drawn does not depend on which thread draws it.
    class random_numbers
    {
    public:
        /// Keeps the numbers of those apart who use one seed.
        enum class use : std::uint32_t
        {
            order = 0x73687566,
            augmentation = 0x6175676d
        };

        /// The numbers of one stream, from its start.
        constexpr random_numbers(std::uint64_t seed, std::uint64_t stream, use purpose = use::augmentation)
            : counter_{0, static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(stream),
                       static_cast<std::uint32_t>(stream >> 32)},
              key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}
        {
        }

        /// 32 random bits.
        constexpr std::uint32_t bits()
        {
            if (used_ == 4)
            {
                words_ = philox(counter_, key_);
                ++counter_[0];
                used_ = 0;
            }
            return words_[used_++];
        }

        /// A number from 0 to bound - 1, each as likely as the other (Lemire's method); bound is at least 1.
        constexpr std::uint32_t below(std::uint32_t bound)
        {
            std::uint64_t product = std::uint64_t{bits()} * bound;
            if (static_cast<std::uint32_t>(product) < bound)
            {
                const std::uint32_t threshold = (0u - bound) % bound;
                while (static_cast<std::uint32_t>(product) < threshold)
                    product = std::uint64_t{bits()} * bound;
            }
            return static_cast<std::uint32_t>(product >> 32);
        }

        /// A number from `low` to `high`, evenly.
        constexpr double between(double low, double high) { return low + (high - low) * uniform(bits()); }

        /// True with this probability.
        constexpr bool chance(double probability) { return uniform(bits()) < probability; }

    private:
        std::array<std::uint32_t, 4> counter_;
        std::array<std::uint32_t, 2> key_;
        std::array<std::uint32_t, 4> words_{};
        std::size_t used_ = 4;
    };
}
