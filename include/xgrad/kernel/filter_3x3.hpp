// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/channel_finish.hpp>
#include <xgrad/kernel/multiply_add.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// The weights of one channel, and what its outputs are finished with before they are written, or nothing.
    template <class T>
    struct depthwise_filter
    {
        const T* w;
        const channel_finish<T>* finish;
        std::ptrdiff_t channel;
    };

    /// The nine weights of a depthwise filter, each in all lanes of a register.
    template <class T, class Arch>
    struct filter_3x3
    {
        using batch = xsimd::batch<T, Arch>;
        static constexpr std::ptrdiff_t width = batch::size;
        batch weight[9];
        bool finishes;
        typename channel_finish<T>::template row<batch> finish{};

        [[gnu::always_inline]] explicit filter_3x3(const depthwise_filter<T>& of) : finishes(of.finish != nullptr)
        {
            if (finishes)
                finish = of.finish->template of_row<batch>(of.channel);
#pragma GCC unroll 9
            for (int k = 0; k < 9; ++k)
                weight[k] = batch(of.w[k]);
        }

        /// What column `tap` of the filter sums of pixels above each other.
        [[gnu::always_inline]] batch column(int tap, const batch& a, const batch& b, const batch& c) const
        {
            return multiply_add(weight[6 + tap], c, multiply_add(weight[3 + tap], b, weight[tap] * a));
        }

        /// Writes a whole register if it ends before `end`, over places that are written again later; else `count` lanes of it.
        [[gnu::always_inline]] void store(batch sum, T* to, std::ptrdiff_t count, const T* end) const
        {
            if (finishes)
                sum = finish(sum, to);
            if (to + width <= end)
                return sum.store_unaligned(to);
            T part[width];
            sum.store_unaligned(part);
            std::copy_n(part, std::min(width, count), to);
        }
    };
}
