// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// x y + z, in one instruction where there is one. Written on the registers themselves: xsimd 8 has no fma for AVX-512, and
    /// Clang contracts only within an expression.
    template <class T, class Arch>
    [[gnu::always_inline]] inline xsimd::batch<T, Arch>
    multiply_add(const xsimd::batch<T, Arch>& x, const xsimd::batch<T, Arch>& y, const xsimd::batch<T, Arch>& z)
    {
        using values = typename xsimd::batch<T, Arch>::register_type;
        if constexpr (requires(values v) { values(v * v + v); })
            return values(static_cast<values>(x) * static_cast<values>(y) + static_cast<values>(z));
        else
            return xsimd::fma(x, y, z);
    }
}
