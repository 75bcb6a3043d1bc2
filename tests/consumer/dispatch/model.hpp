// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

/// An inline function, as headers share them: every translation unit must run its own.
[[gnu::noinline]] inline float norm(const std::vector<float>& x)
{
    std::vector<float> squares(x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        squares[i] = x[i] * x[i] + 1;
    float sum = 0;
    for (const float square : squares)
        sum += square;
    return sum;
}
[[gnu::noinline]] inline std::string compiled_for()
{
#if defined(__AVX512F__)
    return "avx512";
#elif defined(__AVX2__)
    return "avx2";
#elif defined(__AVX__)
    return "avx";
#elif defined(__SSE4_2__)
    return "sse4.2";
#else
    return "sse2";
#endif
}

struct answer
{
    std::string architecture, inline_function;
    std::vector<float> values;
};
struct ask
{
    template <class Architecture>
    answer operator()(Architecture, const std::array<float, 20>& x) const;
};
struct fail
{
    template <class Architecture>
    void operator()(Architecture) const;
};
