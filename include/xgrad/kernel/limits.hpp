// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/math.hpp>

#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// a or b, whichever is larger; a NaN in either wins.
    template <class V>
    constexpr V maximum(const V& a, const V& b)
    {
        return kernel::select(a > b || is_nan(a), a, b);
    }
    /// a or b, whichever is smaller; a NaN in either wins.
    template <class V>
    constexpr V minimum(const V& a, const V& b)
    {
        return kernel::select(a < b || is_nan(a), a, b);
    }

    namespace detail
    {
        /// Whether the machine's own maximum and minimum are the second operand unless the first one is larger or smaller, which
        /// keeps a NaN there: those of x86, one instruction in place of two, are.
        template <class V>
        inline constexpr bool keeps_second = false;
        template <class T, class A>
        inline constexpr bool keeps_second<batch<T, A>> =
            xsimd::sse2::supported() && std::is_floating_point_v<T> && !std::is_same_v<A, one_lane>;
    }

    /// x, or `low` where x is less; a NaN stays.
    template <class V>
    constexpr V at_least(const V& x, const V& low)
    {
        if constexpr (detail::keeps_second<V>)
            return xsimd::max(low, x);
        else
            return kernel::select(x < low, low, x);
    }
    /// x, or `high` where x is greater; a NaN stays.
    template <class V>
    constexpr V at_most(const V& x, const V& high)
    {
        if constexpr (detail::keeps_second<V>)
            return xsimd::min(high, x);
        else
            return kernel::select(x > high, high, x);
    }

    /// x limited to [low, high]; a NaN stays.
    template <class V>
    constexpr V clamp(const V& x, const V& low, const V& high)
    {
        return at_most(at_least(x, low), high);
    }
}
