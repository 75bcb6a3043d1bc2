// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string>
#include <vector>

namespace bench
{
    struct row;

    /// Bytes per second, read and written, of loops over buffers that are `working_set` bytes together.
    struct bandwidth
    {
        double working_set;
        /// Indexed by traffic: reading alone, a copy, an update in place.
        std::array<double, 3> bytes_per_second;
    };

    /// What one core of this machine can do at most.
    struct limits
    {
        /// Single-precision operations per second, a multiply-add being two.
        double flops_per_second;
        /// From first-level cache to memory.
        std::vector<bandwidth> levels;
    };

    /// The shortest time in which a row's work can be done, and what limits it: "flops", "cache" or "memory".
    struct floor_time
    {
        double seconds;
        std::string limited_by;
    };

    /// Measures this machine.
    limits measure_limits();

    /// The larger of FLOPs over peak and bytes over bandwidth, that of the smallest buffers in which the working set has room.
    floor_time floor_of(const row& work, const limits& machine);
}
