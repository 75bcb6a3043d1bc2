// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace bench
{
    /// How many threads every contestant has; set before any is made.
    inline int& threads()
    {
        static int number = 1;
        return number;
    }
}
