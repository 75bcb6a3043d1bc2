// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <array>
#include <cmath>
#include <cstdint>

namespace xgrad::inline XGRAD_ABI
{
    /// Four random words that depend on nothing but the counter and the key: Philox4x32-10 of Salmon et al., 2011.
    constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key)
    {
        std::uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
        std::uint32_t k0 = key[0], k1 = key[1];
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        {
            const std::uint64_t even = std::uint64_t{0xD2511F53u} * c0, odd = std::uint64_t{0xCD9E8D57u} * c2;
            c0 = static_cast<std::uint32_t>(odd >> 32) ^ c1 ^ k0;
            c1 = static_cast<std::uint32_t>(odd);
            c2 = static_cast<std::uint32_t>(even >> 32) ^ c3 ^ k1;
            c3 = static_cast<std::uint32_t>(even);
        }
        return {c0, c1, c2, c3};
    }

    /// A random word as a number in [0, 1): bits / 2^32, exact in double; rounded to float it can become 1.
    constexpr double uniform(std::uint32_t bits) { return bits * 0x1p-32; }

    /// Two independent standard normal numbers from two random words, by Box and Muller.
    inline std::array<double, 2> normal_pair(std::uint32_t first, std::uint32_t second)
    {
        // Halfway between two words, so that the logarithm never sees 0.
        const double radius = std::sqrt(-2 * std::log(uniform(first) + 0x1p-33));
        const double angle = 6.283185307179586476925 * uniform(second);
        return {radius * std::cos(angle), radius * std::sin(angle)};
    }
}
