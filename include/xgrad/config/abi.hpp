// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// XGRAD_ABI names the inline namespace that everything lives in. It encodes the instruction set the translation unit is
/// compiled for, so that objects built with different flags link without the linker mixing their inline functions.
#if defined(XGRAD_ABI)
// chosen by the user
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
    }
}

namespace xg = xgrad;
