// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../threads.hpp"

#if defined(XGRAD_THREADS)
#include <xgrad/kernel/threads.hpp>
#endif

namespace bench
{
#if defined(XGRAD_THREADS)
    inline constexpr bool can_share = true;
#else
    inline constexpr bool can_share = false;
#endif

    /// Gives a step or a prediction the threads that were asked for.
    void share([[maybe_unused]] auto& program)
    {
#if defined(XGRAD_THREADS)
        if (threads() > 1)
        {
            static const xg::threads all(threads());
            program.use(all);
        }
#endif
    }
}
