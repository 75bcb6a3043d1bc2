// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_pack.hpp>
#include <xgrad/kernel/pairs.hpp>
#include <xgrad/kernel/window.hpp>

#include <array>
#include <utility>

namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        /// Every `stride`-th element.
        template <class T, class Arch>
        void pick_run(const T* from, std::ptrdiff_t stride, std::ptrdiff_t count, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = batch::size;
            std::ptrdiff_t i = 0;
            if constexpr (width > 1)
                if (stride == 2) // the last of two registers ends one element behind the last that is seen
                    for (; i + width < count; i += width)
                        split_pairs(batch::load_unaligned(from + 2 * i), batch::load_unaligned(from + 2 * i + width))
                            .first.store_unaligned(to + i);
            for (; i < count; ++i)
                to[i] = from[i * stride];
        }
    }

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
            data_ = room;
            std::fill_n(room, size(e_), T(0));
        }

        /// Copies one image of all channels of a group.
        void fill(const T* x)
        {
            T* room = data_;
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
            const auto& [d, h, v] = e_.axis;
            return data_ + c * plane_ + (kd * d.dilation * h.span() + kh * h.dilation) * row_ +
                   (kv < kept_taps ? taps_[kv] : tap_in_row(kv));
        }
        std::ptrdiff_t output_offset(std::ptrdiff_t d, std::ptrdiff_t h, std::ptrdiff_t v) const
        {
            return (d * e_.axis[0].stride * e_.axis[1].span() + h * e_.axis[1].stride) * row_ + v;
        }

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
        T* data_ = nullptr;
    };

    /// The matrix [channel and tap, output] of what every tap of an image sees, never written down as a whole; or its
    /// transpose.
    template <class T>
    struct patches
    {
        const padded_image<T>* image;
        bool transposed;
        std::ptrdiff_t tap = 0, output = 0;

        constexpr patches from(std::ptrdiff_t i, std::ptrdiff_t j) const
        {
            return transposed ? patches{image, true, tap + j, output + i} : patches{image, false, tap + i, output + j};
        }
    };

    namespace detail
    {
        /// Neighbouring outputs of one row.
        struct output_run
        {
            std::ptrdiff_t offset, count;
        };

        /// Outputs [first, first + count) as runs; returns their number.
        template <class T>
        std::ptrdiff_t output_runs(const padded_image<T>& image, std::ptrdiff_t first, std::ptrdiff_t count, output_run* runs)
        {
            const auto& [d, h, v] = image.extents().axis;
            std::ptrdiff_t at_v = first % v.out, at_h = first / v.out % h.out, at_d = first / v.out / h.out, number = 0;
            while (count > 0)
            {
                const std::ptrdiff_t length = std::min(count, v.out - at_v);
                runs[number++] = {image.output_offset(at_d, at_h, at_v), length};
                count -= length;
                at_v = 0;
                if (++at_h == h.out)
                    at_h = 0, ++at_d;
            }
            return number;
        }

        /// Goes over channels and taps in the order of the weights.
        struct tap_walk
        {
            std::ptrdiff_t c, kd, kh, kv;

            tap_walk(const convolution_extents& e, std::ptrdiff_t tap)
                : c(tap / e.taps()), kd(tap / (e.axis[1].taps * e.axis[2].taps) % e.axis[0].taps),
                  kh(tap / e.axis[2].taps % e.axis[1].taps), kv(tap % e.axis[2].taps)
            {
            }
            void next(const convolution_extents& e)
            {
                if (++kv < e.axis[2].taps)
                    return;
                kv = 0;
                if (++kh < e.axis[1].taps)
                    return;
                kh = 0;
                if (++kd < e.axis[0].taps)
                    return;
                kd = 0;
                ++c;
            }
        };

        /// Copies runs one behind the other. `Loose` copies whole vectors: it reads past the end of runs and writes past
        /// the last one.
        template <class T, class Arch, bool Loose>
        void gather(const T* from, const output_run* runs, std::ptrdiff_t number, T* to)
        {
            using batch = xsimd::batch<T, Arch>;
            constexpr std::ptrdiff_t width = batch::size;
            for (std::ptrdiff_t r = 0; r < number; ++r)
            {
                const T* const source = from + runs[r].offset;
                if constexpr (Loose)
                    for (std::ptrdiff_t i = 0; i < runs[r].count; i += width)
                        batch::load_unaligned(source + i).store_unaligned(to + i);
                else
                    copy_run<T, Arch>(source, to, runs[r].count);
                to += runs[r].count;
            }
        }
    }

    /// Packs k rows of the first `columns` columns, as `pack_panel` of a matrix does.
    template <class T, class Arch>
    [[gnu::noinline]] void pack_panel(const patches<T>& x, std::ptrdiff_t k, std::ptrdiff_t columns, T* to,
                                      std::ptrdiff_t width)
    {
        constexpr std::ptrdiff_t lanes = xsimd::batch<T, Arch>::size, most = 256;
        const padded_image<T>& image = *x.image;
        const convolution_extents& e = image.extents();
        detail::output_run runs[most];
        if (columns < lanes)
            std::fill_n(to, k * width, T(0));
        detail::tap_walk at(e, x.tap);
        if (x.transposed)
        {
            constexpr std::ptrdiff_t block = 16, stride = most + lanes; // rows 1 KB apart would share cache sets
            alignas(64) T rows[block * stride];
            const std::ptrdiff_t number = detail::output_runs(image, x.output, k, runs);
            for (std::ptrdiff_t j = 0; j < columns; j += block)
            {
                const std::ptrdiff_t count = std::min(block, columns - j);
                for (std::ptrdiff_t i = 0; i < count; ++i, at.next(e))
                    detail::gather<T, Arch, true>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, rows + i * stride);
                detail::transpose<T, Arch>(rows, stride, k, count, to + j, width);
            }
            return;
        }
        const std::ptrdiff_t number = detail::output_runs(image, x.output, columns, runs);
        const std::ptrdiff_t loose = columns < lanes ? 0 : k - 1; // the last row ends where others' memory begins
        for (std::ptrdiff_t p = 0; p < loose; ++p, at.next(e))
            detail::gather<T, Arch, true>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, to + p * width);
        for (std::ptrdiff_t p = loose; p < k; ++p, at.next(e))
            detail::gather<T, Arch, false>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, to + p * width);
    }
}
