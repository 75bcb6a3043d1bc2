// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// XGRAD_ABI names the inline namespace that everything lives in. It encodes the instruction set the translation unit is
/// compiled for, so that objects built with different flags link without the linker mixing their inline functions.
/// XGRAD_SCALAR, defined by the user, leaves out SIMD.
#if defined(XGRAD_ABI)
// chosen by the user
#elif defined(XGRAD_SCALAR)
#define XGRAD_ABI scalar
#elif defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__)
#define XGRAD_ABI avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define XGRAD_ABI avx2_fma
#elif defined(__AVX2__)
#define XGRAD_ABI avx2
#elif defined(__AVX__)
#define XGRAD_ABI avx
#elif defined(__SSE4_2__)
#define XGRAD_ABI sse4_2
#elif defined(__SSE2__)
#define XGRAD_ABI sse2
#elif defined(__aarch64__)
#define XGRAD_ABI neon64
#else
#define XGRAD_ABI generic
#endif

namespace xgrad
{
    inline namespace XGRAD_ABI
    {
#if defined(XGRAD_SCALAR)
        inline constexpr bool without_simd = true;
#else
        /// Whether kernels run one element at a time, whatever the machine can.
        inline constexpr bool without_simd = false;
#endif
    }
}

namespace xg = xgrad;
