// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/filter_3x3.hpp>
#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// One channel in, one out, 3x3 taps at a stride of 2, padded by 1, from rows of an even number of pixels. Registers of
    /// pixels are split into those that the middle taps meet and those that the others do; what the left ones sum is shifted.
    template <class T, class Arch>
    class depthwise_halves
    {
    public:
        static constexpr bool fit(const convolution_extents& e)
        {
            const auto& [d, h, v] = e.axis;
            return e.is_depthwise() && d.in == 1 && d.is_plain() && halves(h) && halves(v) && v.in == 2 * v.out;
        }

        /// A row of zeros, and room for three rows.
        static constexpr std::ptrdiff_t workspace(const convolution_extents& e) { return 4 * reach(e); }

        /// Nothing is read from `behind` on.
        depthwise_halves(const convolution_extents& e, const T* behind, T* room)
            : rows_(e.axis[1].in), columns_(e.axis[2].in), reach_(reach(e)), behind_(behind), zeros_(room),
              copies_(room + reach_)
        {
            std::fill_n(room, workspace(e), T(0));
        }

        /// A channel. Whole registers are written as far as `end` allows, over places that later rows and channels write again.
        [[gnu::noinline]] void run(const T* x, const depthwise_filter<T>& by, T* to, const T* end) const
        {
            const std::ptrdiff_t columns = columns_ / 2;
            const filter_3x3<T, Arch> filter(by);
            const T* a = zeros_;
            for (std::ptrdiff_t at = 0; at < rows_; at += 2, to += columns)
            {
                const T *const b = row(x, at, 0), *const c = at + 1 < rows_ ? row(x, at + 1, 1 + at / 2 % 2) : zeros_;
                batch before(T(0));
                for (std::ptrdiff_t i = 0; i < columns; i += width)
                {
                    const auto [a_even, a_odd] = pairs_at(a + 2 * i);
                    const auto [b_even, b_odd] = pairs_at(b + 2 * i);
                    const auto [c_even, c_odd] = pairs_at(c + 2 * i);
                    const batch left = filter.column(0, a_odd, b_odd, c_odd);
                    const batch all = filter.column(1, a_even, b_even, c_even) + filter.column(2, a_odd, b_odd, c_odd) +
                                      shifted<static_cast<int>(width) - 1>(before, left);
                    before = left;
                    filter.store(all, to + i, columns - i, end);
                }
                a = c; // the last row of one output's window is the first of the next one's
            }
        }

    private:
        using batch = xsimd::batch<T, Arch>;
        static constexpr std::ptrdiff_t width = batch::size;

        static constexpr bool halves(const window_axis& a)
        {
            return a.taps == 3 && a.stride == 2 && a.dilation == 1 && a.padding == 1 && a.out == (a.in + 1) / 2;
        }
        // as many pixels as the registers of a row of outputs read
        static constexpr std::ptrdiff_t reach(const convolution_extents& e)
        {
            return 2 * ((e.axis[2].out + width - 1) / width * width);
        }

        const T* row(const T* x, std::ptrdiff_t at, std::ptrdiff_t copy) const
        {
            const T* const from = x + at * columns_;
            if (behind_ - from >= reach_)
                return from;
            std::copy_n(from, columns_, copies_ + copy * reach_);
            return copies_ + copy * reach_;
        }

        [[gnu::always_inline]] static std::pair<batch, batch> pairs_at(const T* from)
        {
            const batch a = batch::load_unaligned(from), b = batch::load_unaligned(from + width);
            if constexpr (width == 1)
                return {a, b};
            else
                return split_pairs(a, b);
        }

        std::ptrdiff_t rows_, columns_, reach_;
        const T* behind_;
        T *zeros_, *copies_;
    };
}
