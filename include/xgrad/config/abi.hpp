// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/machine.hpp>

/// XGRAD_ABI names the inline namespace that everything lives in. It encodes the instructions that the translation unit is
/// compiled for, so that objects built with different flags link without the linker mixing their inline functions.
/// XGRAD_THREADS, defined for who links xgrad::threads, lets kernels share their work.
#if !defined(XGRAD_ABI) // else chosen by the user
#if XGRAD_JOIN(0x, XGRAD_EXTENSIONS)
#define XGRAD_UNIT XGRAD_JOIN(XGRAD_MACHINE, XGRAD_JOIN(_, XGRAD_EXTENSIONS))
#else
#define XGRAD_UNIT XGRAD_MACHINE
#endif
#if defined(XGRAD_THREADS)
#define XGRAD_ABI XGRAD_JOIN(XGRAD_UNIT, _threads)
#else
#define XGRAD_ABI XGRAD_UNIT
#endif
#endif

namespace xgrad
{
    inline namespace XGRAD_ABI
    {
#if defined(XGRAD_THREADS)
        inline constexpr bool with_threads = true;
#else
        /// Whether kernels look for threads to share their work with.
        inline constexpr bool with_threads = false;
#endif
    }
}

namespace xg = xgrad;
