// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

namespace bench
{
    /// Adam's update with its usual settings, of random parameters with random gradients that stay the same.
    struct adam
    {
        std::size_t count;
        numbers parameters = random_numbers(count), gradients = random_numbers(count);
    };
}
