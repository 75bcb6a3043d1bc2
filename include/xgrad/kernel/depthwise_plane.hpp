// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/filter_3x3.hpp>
#include <xgrad/kernel/gemm_pack.hpp>
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
            return before(e) + behind(e) + 2 * up(strip_rows(e) * e.axis[2].in + line) + edges_size(e);
        }

        /// Nothing is read before `first`, nor from `behind` on.
        depthwise_planes(const convolution_extents& e, const T* first, const T* behind, T* room)
            : rows_(e.axis[1].in), columns_(e.axis[2].in), strip_rows_(strip_rows(e)), first_(first), behind_(behind),
              plane_(room + before(e)), not_first_(plane_ + this->behind(e)),
              not_last_(not_first_ + up(strip_rows_ * columns_ + line)), edges_(not_last_ + up(strip_rows_ * columns_ + line))
        {
            std::fill_n(room, workspace(e), T(0));
            const std::ptrdiff_t size = strip_rows_ * columns_;
            std::fill_n(not_first_, size, T(1));
            std::fill_n(not_last_, size, T(1));
            for (std::ptrdiff_t i = 0; i < size; i += columns_)
                not_first_[i] = not_last_[i + columns_ - 1] = 0;
            std::fill_n(edges_ + columns_, width, T(1));
        }

        /// A channel. Whole registers are written as far as `end` allows, over places that later rows and channels write again.
        void run(const T* x, const depthwise_filter<T>& by, T* to, const T* end) const
        {
            for (std::ptrdiff_t first = 0; first < rows_; first += strip_rows_)
            {
                const std::ptrdiff_t last = std::min(first + strip_rows_, rows_), size = (last - first) * columns_;
                const bool above = first > 0, below = last < rows_;
                const T* from = x + first * columns_;
                const std::ptrdiff_t read = (size + width - 1) / width * width + columns_;
                if (from - first_ < columns_ || behind_ - from < read)
                {
                    copy_run<T, Arch>(from - above * columns_, plane_ - above * columns_, size + (above + below) * columns_);
                    from = plane_;
                }
                run_strip(from, by, size, above ? 0 : columns_, below ? read : size - columns_, to + first * columns_, end);
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
        // a row of zeros, a register of ones, and zeros as far as the registers of another row reach
        static constexpr std::ptrdiff_t edges_size(const convolution_extents& e) { return up(2 * (e.axis[2].in + width)); }
        // the row above, and the row below with what a register reads beyond
        static constexpr std::ptrdiff_t before(const convolution_extents& e) { return up(e.axis[2].in); }
        static constexpr std::ptrdiff_t behind(const convolution_extents& e)
        {
            return up((strip_rows(e) + 1) * e.axis[2].in + line);
        }

        /// x where the mask is 1, else 0.
        [[gnu::always_inline]] static batch where(const T* mask, const batch& x)
        {
            return xsimd::select(batch::load_unaligned(mask) != batch(T(0)), x, batch(T(0)));
        }

        /// Every register of the plane is loaded once: what its neighbours to the left and to the right sum of it is shifted
        /// in registers (loads that cross a line take twice as long: 9 of them 19 cycles, these 3 and the shifts 12).
        /// Outputs before `top` have no row above them, those from `bottom` on none below.
        [[gnu::noinline]] void run_strip(const T* from, const depthwise_filter<T>& by, std::ptrdiff_t size, std::ptrdiff_t top,
                                         std::ptrdiff_t bottom, T* to, const T* end) const
        {
            const filter_3x3<T, Arch> filter(by);
            const batch zero(T(0));
            struct sums
            {
                batch left, middle, right; // for the outputs behind, above and before
            };
            const auto sum = [&](std::ptrdiff_t i) __attribute__((always_inline))
            {
                batch a = batch::load_unaligned(from + i - columns_), c = batch::load_unaligned(from + i + columns_);
                const batch b = batch::load_unaligned(from + i);
                if (i < top)
                    a = where(edges_ + i, a);
                if (i + width > bottom)
                    c = where(edges_ + columns_ + width + i - bottom, c);
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
                const batch all = now.middle + (where(not_first_ + i, left) + where(not_last_ + i, right));
                filter.store(all, to + i, size - i, end);
                before = now.left;
                now = next;
            }
        }

        std::ptrdiff_t rows_, columns_, strip_rows_;
        const T *first_, *behind_;
        T *plane_, *not_first_, *not_last_, *edges_;
    };
}
