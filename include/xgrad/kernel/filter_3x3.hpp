// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_tile.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// The nine weights of a depthwise filter, each in all lanes of a register.
    template <class T, class Arch>
    struct filter_3x3
    {
        using batch = xsimd::batch<T, Arch>;
        static constexpr std::ptrdiff_t width = batch::size;
        batch weight[9];

        [[gnu::always_inline]] explicit filter_3x3(const T* w)
        {
#pragma GCC unroll 9
            for (int k = 0; k < 9; ++k)
                weight[k] = batch(w[k]);
        }

        /// What column `tap` of the filter sums of pixels above each other.
        [[gnu::always_inline]] batch column(int tap, const batch& a, const batch& b, const batch& c) const
        {
            return multiply_add(weight[6 + tap], c, multiply_add(weight[3 + tap], b, weight[tap] * a));
        }

        /// Writes a whole register if it ends before `end`, over places that are written again later; else `count` lanes of it.
        [[gnu::always_inline]] static void store(const batch& sum, T* to, std::ptrdiff_t count, const T* end)
        {
            if (to + width <= end)
                return sum.store_unaligned(to);
            T part[width];
            sum.store_unaligned(part);
            std::copy_n(part, std::min(width, count), to);
        }
    };
}
