// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "limits.hpp"
#include "row.hpp"

#include <string>
#include <vector>

namespace bench
{
    /// The quartiles of a contestant's samples, in seconds for one run.
    struct timing
    {
        std::string name;
        double lower = 0, median = 0, upper = 0;
        int samples = 0, repetitions = 0;
        /// The difference of its result to ours, relative to the largest number in it.
        double difference = 0;

        /// Whether a library did it, perhaps in another way than the one that bears its name: "LibTorch loop" is LibTorch's.
        bool is_of(const std::string& library) const { return name == library || name.rfind(library + " ", 0) == 0; }
    };

    /// What became of a row.
    struct outcome
    {
        row work;
        floor_time floor;
        /// Ours and then the peers; of a row that failed, perhaps none.
        std::vector<timing> timings;
        /// Why the row failed, or nothing.
        std::string failure;

        /// How many times longer a peer takes than we do; 0 if it does not take part.
        double ratio(const std::string& peer) const;
    };

    /// Compares the results of all contestants, then times them in turns for about so many seconds.
    outcome measure(const row& work, const limits& machine, double seconds);
}
