// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/random.hpp>
#include <xgrad/meta/error.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// The numbers from 0 to size - 1 in random order (Fisher and Yates), every order as likely as the other.
    inline std::vector<std::uint32_t> shuffled(std::size_t size, std::uint64_t seed, std::uint64_t epoch)
    {
        if (size > std::numeric_limits<std::uint32_t>::max())
            throw range_error("shuffled: at most 2^32 - 1 items can be shuffled, but there are " + std::to_string(size));
        std::vector<std::uint32_t> order(size);
        std::iota(order.begin(), order.end(), 0u);
        random_numbers random{seed, epoch, random_numbers::use::order};
        for (std::uint32_t left = static_cast<std::uint32_t>(size); left > 1; --left)
            std::swap(order[left - 1], order[random.below(left)]);
        return order;
    }
}
