// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>

#include <cstdio>
#include <cstdlib>

// Programs that are built once per architecture: each runs where the machine can.
namespace machine
{
    using arch = xgrad::kernel::default_arch;

    inline void skip_if_too_weak()
    {
        if (xsimd::available_architectures().best < arch::version())
        {
            std::printf("this machine does not know %s\n", arch::name());
            std::exit(77);
        }
    }

    inline int failures = 0;

    /// Counts a failure, and says the first ones.
    template <class... Arguments>
    void check(bool holds, const char* format, Arguments... arguments)
    {
        if (holds || ++failures > 20)
            return;
        std::printf(format, arguments...);
        std::printf("\n");
    }
    inline int result()
    {
        std::printf("%s: %d failures\n", arch::name(), failures);
        return failures == 0 ? 0 : 1;
    }
}
