// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// XGRAD_ABI names the inline namespace that everything lives in. It encodes the instruction set the translation unit is
/// compiled for, so that objects built with different flags link without the linker mixing their inline functions.
/// XGRAD_SCALAR, defined by the user, leaves out SIMD; XGRAD_THREADS, defined for who links xgrad::threads, lets kernels share
/// their work.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__) && !defined(__OPTIMIZE__)
#define XGRAD_NO_AVX512 // xsimd 8.1 does not compile for it: GCC's intrinsics are macros then, and convert nothing
#endif
#if defined(XGRAD_SCALAR)
#define XGRAD_MACHINE scalar
#elif defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && !defined(XGRAD_NO_AVX512)
#define XGRAD_MACHINE avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define XGRAD_MACHINE avx2_fma
#elif defined(__AVX2__)
#define XGRAD_MACHINE avx2
#elif defined(__AVX__)
#define XGRAD_MACHINE avx
#elif defined(__SSE4_2__)
#define XGRAD_MACHINE sse4_2
#elif defined(__SSE2__)
#define XGRAD_MACHINE sse2
#elif defined(__aarch64__)
#define XGRAD_MACHINE neon64
#else
#define XGRAD_MACHINE generic
#endif
#if !defined(XGRAD_ABI) // else chosen by the user
#if defined(XGRAD_THREADS)
#define XGRAD_JOINED(machine, option) machine##_##option
#define XGRAD_JOIN(machine, option) XGRAD_JOINED(machine, option)
#define XGRAD_ABI XGRAD_JOIN(XGRAD_MACHINE, threads)
#else
#define XGRAD_ABI XGRAD_MACHINE
#endif
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
#if defined(XGRAD_NO_AVX512)
        inline constexpr bool without_avx512 = true;
#else
        /// Whether kernels run on AVX2's registers though the compiler may use AVX-512's.
        inline constexpr bool without_avx512 = false;
#endif
#if defined(XGRAD_THREADS)
        inline constexpr bool with_threads = true;
#else
        /// Whether kernels look for threads to share their work with.
        inline constexpr bool with_threads = false;
#endif
    }
}

namespace xg = xgrad;
