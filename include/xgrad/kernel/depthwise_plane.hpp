// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/filter_3x3.hpp>
#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// One channel in, one out, 3x3 taps at a stride of 1, padded by 1. Rows of outputs form one line, so that no register
    /// ends with a row: at 7 pixels a row that would leave 9 of 16 lanes empty. The neighbours of the first and the last column
    /// are those of another row there; what the taps to the left and to the right sum is masked out.
    template <class T, class Arch>
    class depthwise_planes
    {
    public:
        static constexpr bool fit(const convolution_extents& e)
        {
            const auto& [d, h, v] = e.axis;
            return e.is_depthwise() && d.in == 1 && d.is_plain() && is_near(h) && is_near(v) && v.in <= strip / 2;
        }

        static constexpr std::ptrdiff_t workspace(const convolution_extents& e)
        {
            return before(e) + behind(e) + 2 * up(strip_rows(e) * e.axis[2].in + line);
        }

        depthwise_planes(const convolution_extents& e, T* room)
            : rows_(e.axis[1].in), columns_(e.axis[2].in), strip_rows_(strip_rows(e)), plane_(room + before(e)),
              not_first_(plane_ + behind(e)), not_last_(not_first_ + up(strip_rows_ * columns_ + line))
        {
            std::fill_n(room, workspace(e), T(0));
            for (std::ptrdiff_t i = 0; i < strip_rows_ * columns_; ++i)
            {
                not_first_[i] = T(i % columns_ > 0);
                not_last_[i] = T(i % columns_ + 1 < columns_);
            }
        }

        /// A channel. Whole registers are written as far as `end` allows, over places that later rows and channels write again.
        void run(const T* x, const T* w, T* to, const T* end) const
        {
            for (std::ptrdiff_t first = 0; first < rows_; first += strip_rows_)
            {
                const std::ptrdiff_t last = std::min(first + strip_rows_, rows_), above = first > 0, below = last < rows_;
                const T* from = x + first * columns_;
                if (!above || last + 1 >= rows_ || columns_ < width) // else all that is read belongs to the channel
                {
                    if (!above)
                        std::fill_n(plane_ - columns_, columns_, T(0));
                    copy_run<T, Arch>(from - above * columns_, plane_ - above * columns_,
                                      (last + below - first + above) * columns_);
                    if (!below)
                        std::fill_n(plane_ + (last - first) * columns_, columns_, T(0));
                    from = plane_;
                }
                run_strip(from, w, (last - first) * columns_, to + first * columns_, end);
            }
        }

    private:
        using batch = xsimd::batch<T, Arch>;
        // pixels at a time: they and the masks take 12 KB of the first-level cache
        static constexpr std::ptrdiff_t width = batch::size, line = 64 / sizeof(T), strip = 4096 / sizeof(T);

        static constexpr bool is_near(const window_axis& a)
        {
            return a.taps == 3 && a.stride == 1 && a.dilation == 1 && a.padding == 1 && a.in == a.out;
        }
        static constexpr std::ptrdiff_t up(std::ptrdiff_t size) { return (size + line - 1) / line * line; }
        static constexpr std::ptrdiff_t strip_rows(const convolution_extents& e)
        {
            return std::min(e.axis[1].in, strip / e.axis[2].in);
        }
        // the row above, and the row below with what a register reads beyond
        static constexpr std::ptrdiff_t before(const convolution_extents& e) { return up(e.axis[2].in); }
        static constexpr std::ptrdiff_t behind(const convolution_extents& e)
        {
            return up((strip_rows(e) + 1) * e.axis[2].in + line);
        }

        /// Every register of the plane is loaded once: what its neighbours to the left and to the right sum of it is shifted
        /// in registers (loads that cross a line take twice as long: 9 of them 19 cycles, these 3 and the shifts 12).
        [[gnu::noinline]] void run_strip(const T* from, const T* w, std::ptrdiff_t size, T* to, const T* end) const
        {
            const filter_3x3<T, Arch> filter(w);
            const batch zero(T(0));
            struct sums
            {
                batch left, middle, right; // for the outputs behind, above and before
            };
            const auto sum = [&](std::ptrdiff_t i)
            {
                const batch a = batch::load_unaligned(from + i - columns_), b = batch::load_unaligned(from + i),
                            c = batch::load_unaligned(from + i + columns_);
                return sums{filter.column(0, a, b, c), filter.column(1, a, b, c), filter.column(2, a, b, c)};
            };
            sums now = sum(0);
            batch before = zero;
            for (std::ptrdiff_t i = 0; i < size; i += width)
            {
                sums next{zero, zero, zero};
                if (i + width < size)
                    next = sum(i + width);
                const batch left = shifted<static_cast<int>(width) - 1>(before, now.left),
                            right = shifted<1>(now.right, next.right);
                const batch all = now.middle + (xsimd::select(batch::load_unaligned(not_first_ + i) != zero, left, zero) +
                                                xsimd::select(batch::load_unaligned(not_last_ + i) != zero, right, zero));
                filter.store(all, to + i, size - i, end);
                before = now.left;
                now = next;
            }
        }

        std::ptrdiff_t rows_, columns_, strip_rows_;
        T *plane_, *not_first_, *not_last_;
    };
}
