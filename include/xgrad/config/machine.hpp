// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// XGRAD_MACHINE names what the translation unit is compiled for, XGRAD_XSIMD is the architecture that its kernels use. They
/// are chosen together, among those that are tested: between two of them it is the weaker one.
/// XGRAD_SCALAR, defined by the user, leaves out SIMD.
#if defined(__AVX512F__) && defined(__GNUC__) && !defined(__clang__) && !defined(__OPTIMIZE__)
#define XGRAD_NO_AVX512 // xsimd 8.1 does not compile for it: GCC's intrinsics are macros then, and convert nothing
#endif
#if defined(XGRAD_SCALAR)
#define XGRAD_MACHINE scalar
#define XGRAD_XSIMD one_lane
#elif defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512BW__) && !defined(XGRAD_NO_AVX512)
#define XGRAD_MACHINE avx512
#define XGRAD_XSIMD ::xsimd::avx512bw
#elif defined(__AVX2__) && defined(__FMA__)
#define XGRAD_MACHINE avx2_fma
#define XGRAD_XSIMD ::xsimd::fma3<::xsimd::avx2>
#elif defined(__AVX2__)
#define XGRAD_MACHINE avx2
#define XGRAD_XSIMD ::xsimd::avx2
#elif defined(__AVX__)
#define XGRAD_MACHINE avx
#define XGRAD_XSIMD ::xsimd::avx
#elif defined(__SSE4_2__)
#define XGRAD_MACHINE sse4_2
#define XGRAD_XSIMD ::xsimd::sse4_2
#elif defined(__SSE2__)
#define XGRAD_MACHINE sse2
#define XGRAD_XSIMD ::xsimd::sse2
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define XGRAD_MACHINE neon64
#define XGRAD_XSIMD ::xsimd::neon64
#else
#define XGRAD_MACHINE generic
#define XGRAD_XSIMD one_lane
#endif

/// XGRAD_EXTENSIONS is a hexadecimal number, a bit for each instruction set that compilers use unasked wherever they may:
/// two units for one machine differ if one has fused multiplication, or vpermb, and the other has not.
#define XGRAD_BIT_IF_1 ~, 1
#define XGRAD_BIT_IF_2 ~, 1
#define XGRAD_BIT_IF_3 ~, 1
#define XGRAD_SECOND(first, second, ...) second
#define XGRAD_SECOND_OF(...) XGRAD_SECOND(__VA_ARGS__)
#define XGRAD_BIT_OF(value) XGRAD_SECOND_OF(XGRAD_BIT_IF_##value, 0, ~)
#define XGRAD_BIT(macro) XGRAD_BIT_OF(macro) // 1 if the macro is defined as 1, 2 or 3, else 0
#define XGRAD_HEX_0000 0
#define XGRAD_HEX_0001 1
#define XGRAD_HEX_0010 2
#define XGRAD_HEX_0011 3
#define XGRAD_HEX_0100 4
#define XGRAD_HEX_0101 5
#define XGRAD_HEX_0110 6
#define XGRAD_HEX_0111 7
#define XGRAD_HEX_1000 8
#define XGRAD_HEX_1001 9
#define XGRAD_HEX_1010 a
#define XGRAD_HEX_1011 b
#define XGRAD_HEX_1100 c
#define XGRAD_HEX_1101 d
#define XGRAD_HEX_1110 e
#define XGRAD_HEX_1111 f
#define XGRAD_DIGIT_OF(a, b, c, d) XGRAD_HEX_##a##b##c##d
#define XGRAD_DIGIT_OF_BITS(a, b, c, d) XGRAD_DIGIT_OF(a, b, c, d)
#define XGRAD_DIGIT(a, b, c, d) XGRAD_DIGIT_OF_BITS(XGRAD_BIT(a), XGRAD_BIT(b), XGRAD_BIT(c), XGRAD_BIT(d))
#define XGRAD_JOINED(a, b) a##b
#define XGRAD_JOIN(a, b) XGRAD_JOINED(a, b)

#if defined(__aarch64__)
#define XGRAD_EXTENSIONS                                                                                                       \
    XGRAD_JOIN(                                                                                                                \
        XGRAD_JOIN(XGRAD_DIGIT(__ARM_FEATURE_SVE, __ARM_FEATURE_SVE2, __ARM_FEATURE_DOTPROD, __ARM_FEATURE_MATMUL_INT8),       \
                   XGRAD_DIGIT(__ARM_FEATURE_ATOMICS, __ARM_FEATURE_RCPC, __ARM_FEATURE_COMPLEX, __ARM_FEATURE_FRINT)),        \
        XGRAD_DIGIT(__ARM_FEATURE_FP16_VECTOR_ARITHMETIC, __ARM_FEATURE_BF16, __ARM_FEATURE_MOPS, __ARM_FEATURE_CSSC))
#else
#define XGRAD_UP_TO_AVX2                                                                                                       \
    XGRAD_JOIN(XGRAD_JOIN(XGRAD_JOIN(XGRAD_DIGIT(__SSE3__, __SSSE3__, __SSE4_1__, __SSE4_2__),                                 \
                                     XGRAD_DIGIT(__AVX__, __AVX2__, __FMA__, __F16C__)),                                       \
                          XGRAD_JOIN(XGRAD_DIGIT(__POPCNT__, __LZCNT__, __BMI__, __BMI2__),                                    \
                                     XGRAD_DIGIT(__MOVBE__, __GFNI__, __AVXVNNI__, __APX_F__))),                               \
               XGRAD_DIGIT(__SSE4A__, __FMA4__, __XOP__, __TBM__))
#if defined(__AVX512F__)
#define XGRAD_EXTENSIONS                                                                                                       \
    XGRAD_JOIN(XGRAD_JOIN(XGRAD_UP_TO_AVX2, XGRAD_DIGIT(__AVX512CD__, __AVX512DQ__, __AVX512BW__, __AVX512VL__)),              \
               XGRAD_JOIN(XGRAD_DIGIT(__AVX512IFMA__, __AVX512VBMI__, __AVX512VBMI2__, __AVX512VNNI__),                        \
                          XGRAD_DIGIT(__AVX512BITALG__, __AVX512VPOPCNTDQ__, __AVX512BF16__, __AVX512FP16__)))
#else
#define XGRAD_EXTENSIONS XGRAD_UP_TO_AVX2
#endif
#endif
