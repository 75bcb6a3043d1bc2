// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>

/// What a unit of units.cpp finds out about itself: what it was compiled for, twice, and what it has learnt.
struct answer
{
    const char *compiled_for, *found;
    float first_loss, last_loss;
};

namespace xgrad::inline XGRAD_ABI
{
    /// Every unit defines this and calls its own, unless the linker takes that of another for the same.
    [[gnu::noinline]] inline const char* unit_compiled_for() { return kernel::default_arch::name(); }
}
