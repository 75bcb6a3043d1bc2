// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_pack.hpp>
#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

#include <array>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The channels of one image with their padding written out, and every row sorted by its place modulo the stride:
    /// what one tap of the window sees along a row of outputs is then a run of neighbours.
    template <class T>
    class padded_image
    {
    public:
        explicit padded_image(const convolution_extents& e) : padded_image(e, e.in_size(), e.axis[1].in * e.axis[2].in) {}

        /// Of channels and slices along the first axis that lie so far apart.
        padded_image(const convolution_extents& e, std::ptrdiff_t channel_step, std::ptrdiff_t slice_step)
            : e_(e), channel_step_(channel_step), slice_step_(slice_step)
        {
            for (std::ptrdiff_t phase = 0; phase < std::min(kept, e.axis[2].stride); ++phase)
                phases_[phase] = inputs_of(phase);
            for (std::ptrdiff_t kv = 0; kv < std::min(kept_taps, e.axis[2].taps); ++kv)
                taps_[kv] = tap_in_row(kv);
            if (e.axis[2].stride == 1 && phases_[0].last >= 0)
                own_[0] = lanes_of(phases_[0].last - phases_[0].first);
            else if (e.axis[2].stride == 2)
                for (std::ptrdiff_t phase = 0; phase < 2; ++phase)
                {
                    own_[phase] = lanes_of((e.axis[2].in + 1 - phase) / 2);
                    const auto [first, last] = phases_[phase];
                    const std::ptrdiff_t input = first * 2 + phase - e.axis[2].padding;
                    of_input_[input & 1] = phase * run_size(e.axis[2]) + first - input / 2;
                    count_[input & 1] = last - first + input / 2;
                }
        }

        /// Elements of memory that `fill` takes; a vector may be read at any place of an image.
        static constexpr std::ptrdiff_t size(const convolution_extents& e) { return e.in_channels * plane(e) + 64 / sizeof(T); }

        /// Where images are copied to: the padding is written here, once for all of them.
        void use(T* room)
        {
            data_ = room_ = room;
            std::fill_n(room, size(e_), T(0));
        }

        /// Whether that is the image as it lies in the program's memory, without padding and not sorted.
        static constexpr bool is_input(const convolution_extents& e)
        {
            for (const window_axis& a : e.axis)
                if (a.padding != 0 || a.span() != a.in)
                    return false;
            return e.axis[2].stride == 1;
        }
        /// Such an image is not copied; but nothing may be read beyond it.
        void borrow(const T* x) { data_ = x; }

        /// Copies one image of all channels of a group.
        void fill(const T* x)
        {
            T* room = room_;
            const auto& [d, h, v] = e_.axis;
            const std::ptrdiff_t row = row_size(e_);
            const T* const end =
                x + (e_.in_channels - 1) * channel_step_ + (d.in - 1) * slice_step_ + h.in * v.in; // of what may be read
            for (std::ptrdiff_t c = 0; c < e_.in_channels; ++c)
                for (std::ptrdiff_t at_d = 0; at_d < d.span(); ++at_d)
                    for (std::ptrdiff_t at_h = 0; at_h < h.span(); ++at_h, room += row)
                    {
                        const std::ptrdiff_t id = at_d - d.padding, ih = at_h - h.padding;
                        if (!is_seen(d, at_d) || !is_seen(h, at_h))
                            continue;
                        if (id >= 0 && id < d.in && ih >= 0 && ih < h.in)
                            fill_row(x + c * channel_step_ + id * slice_step_ + ih * v.in, room, end);
                    }
        }

        /// What the tap sees of output 0; output (d, h, v) sees its neighbour `output_offset` further.
        const T* tap(std::ptrdiff_t c, std::ptrdiff_t kd, std::ptrdiff_t kh, std::ptrdiff_t kv) const
        {
            return data_ + tap_offset(c, kd, kh, kv);
        }
        /// From the beginning of the image.
        std::ptrdiff_t tap_offset(std::ptrdiff_t c, std::ptrdiff_t kd, std::ptrdiff_t kh, std::ptrdiff_t kv) const
        {
            const auto& [d, h, v] = e_.axis;
            return c * plane_ + (kd * d.dilation * h.span() + kh * h.dilation) * row_ +
                   (kv < kept_taps ? taps_[kv] : tap_in_row(kv));
        }
        std::ptrdiff_t output_offset(std::ptrdiff_t d, std::ptrdiff_t h, std::ptrdiff_t v) const
        {
            return (d * e_.axis[0].stride * e_.axis[1].span() + h * e_.axis[1].stride) * row_ + v;
        }

        const T* data() const { return data_; }
        const convolution_extents& extents() const { return e_; }

    private:
        const convolution_extents& e_;
        std::ptrdiff_t channel_step_, slice_step_;

        static constexpr std::ptrdiff_t run_size(const window_axis& v) { return v.out + (v.taps - 1) * v.dilation / v.stride; }
        static constexpr std::ptrdiff_t row_size(const convolution_extents& e)
        {
            return run_size(e.axis[2]) * e.axis[2].stride;
        }
        static constexpr std::ptrdiff_t plane(const convolution_extents& e)
        {
            return e.axis[0].span() * e.axis[1].span() * row_size(e);
        }
        static bool is_seen(const window_axis& a, std::ptrdiff_t at)
        {
            if (a.stride == 1 || (a.dilation == 1 && a.taps >= a.stride))
                return true;
            for (std::ptrdiff_t tap = 0; tap < a.taps; ++tap)
                if ((at - tap * a.dilation) % a.stride == 0)
                    return true;
            return false;
        }

        /// The places of one phase of a row that are inputs; padding lies before and behind them.
        struct phase_range
        {
            std::ptrdiff_t first, last;
        };
        phase_range inputs_of(std::ptrdiff_t phase) const
        {
            const window_axis& v = e_.axis[2];
            const std::ptrdiff_t run = run_size(v);
            const auto at = [&](std::ptrdiff_t input) { return (input + v.padding - phase + v.stride - 1) / v.stride; };
            const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>(at(0), 0, run);
            return {first, is_seen(v, phase + v.taps * v.dilation * v.stride) ? std::clamp(at(v.in), first, run) : -1};
        }

        /// The last register of a row is filled up with zeros, which lie over padding and over what later rows write. Near the
        /// end of the image, where nothing may be read beyond a row, its elements are copied one by one.
        void fill_row(const T* x, T* to, const T* end) const
        {
            const window_axis& v = e_.axis[2];
            const std::ptrdiff_t run = run_size(v);
            if (v.stride == 2 && phases_[0].last >= 0 && phases_[1].last >= 0)
                return fill_pairs(x, to, end);
            for (std::ptrdiff_t phase = 0; phase < v.stride; ++phase, to += run)
            {
                const auto [first, last] = phase < kept ? phases_[phase] : inputs_of(phase);
                if (last < 0) // no tap falls there
                    continue;
                const T* from = x + first * v.stride + phase - v.padding;
                if (v.stride == 1 && end - from >= last - first + width)
                {
                    T* const begin = to + first;
                    const std::ptrdiff_t count = last - first;
                    for (std::ptrdiff_t i = 0; i < count; i += width)
                        (i + width <= count ? batch::load_unaligned(from + i) : own(0, batch::load_unaligned(from + i)))
                            .store_unaligned(begin + i);
                }
                else if (v.stride == 1)
                    detail::copy_run<T, default_arch>(from, to + first, last - first);
                else
                    for (std::ptrdiff_t i = 0; i < last - first; ++i)
                        to[first + i] = from[i * v.stride];
            }
        }

        // a stride of 2: both phases in one pass
        void fill_pairs(const T* x, T* to, const T* end) const
        {
            const std::ptrdiff_t count[2]{count_[0], count_[1]};
            T* const from_input[2]{to + of_input_[0], to + of_input_[1]};
            const std::ptrdiff_t both = std::min(count[0], count[1]);
            if constexpr (width > 1)
                if (both < width && std::max(count[0], count[1]) <= width && end - x >= 2 * width &&
                    count[0] + count[1] == e_.axis[2].in)
                {
                    const auto [even, odd] = detail::split_pairs(batch::load_unaligned(x), batch::load_unaligned(x + width));
                    const bool turned = from_input[1] < from_input[0]; // what lies first is written first
                    own(turned, turned ? odd : even).store_unaligned(from_input[turned]);
                    own(!turned, turned ? even : odd).store_unaligned(from_input[!turned]);
                    return;
                }
            if (both < width) // narrower registers, where there are some
                detail::split_run<T, detail::transpose_arch<default_arch>>(x, both, from_input[0], from_input[1]);
            else
                detail::split_run<T, default_arch>(x, both, from_input[0], from_input[1]);
            for (std::ptrdiff_t odd = 0; odd < 2; ++odd)
                for (std::ptrdiff_t k = both; k < count[odd]; ++k)
                    from_input[odd][k] = x[2 * k + odd];
        }

        using batch = xsimd::batch<T, default_arch>;
        static constexpr std::ptrdiff_t width = batch::size;

        /// Which lanes of the last register of a row with so many elements are its own.
        static std::array<T, batch::size> lanes_of(std::ptrdiff_t count)
        {
            std::array<T, batch::size> lanes;
            for (std::ptrdiff_t i = 0; i < width; ++i)
                lanes[static_cast<std::size_t>(i)] = T(i <= (count - 1) % width);
            return lanes;
        }
        batch own(std::size_t which, const batch& x) const
        {
            return xsimd::select(batch::load_unaligned(own_[which].data()) != batch(T(0)), x, batch(T(0)));
        }

        std::ptrdiff_t tap_in_row(std::ptrdiff_t kv) const
        {
            const window_axis& v = e_.axis[2];
            return kv * v.dilation % v.stride * run_size(v) + kv * v.dilation / v.stride;
        }

        static constexpr std::ptrdiff_t kept = 4, kept_taps = 16; // divisions are slow
        phase_range phases_[kept];
        std::ptrdiff_t of_input_[2]{}, count_[2]{}; // at a stride of 2: where input 0 and input 1 go, and how many follow each
        std::ptrdiff_t taps_[kept_taps];
        std::array<T, batch::size> own_[2]; // 1 and 0, of the one run of a row, or of even and odd inputs
        const std::ptrdiff_t plane_ = plane(e_), row_ = row_size(e_);
        T* room_ = nullptr;
        const T* data_ = nullptr;
    };
}
