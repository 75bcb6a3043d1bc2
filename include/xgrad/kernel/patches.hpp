// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm_pack.hpp>
#include <xgrad/kernel/window.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The channels of one image with their padding written out, and every row sorted by its place modulo the stride:
    /// what one tap of the window sees along a row of outputs is then a run of neighbours.
    template <class T>
    class padded_image
    {
    public:
        explicit padded_image(const convolution_extents& e) : e_(e) {}

        /// Elements of memory that `fill` takes; a vector may be read at any place of an image.
        static constexpr std::ptrdiff_t size(const convolution_extents& e) { return e.in_channels * plane(e) + 64 / sizeof(T); }

        /// Copies one image of all channels of a group to `room`.
        void fill(const T* x, T* room)
        {
            data_ = room;
            const auto& [d, h, v] = e_.axis;
            const std::ptrdiff_t row = row_size(e_);
            for (std::ptrdiff_t c = 0; c < e_.in_channels; ++c)
                for (std::ptrdiff_t at_d = 0; at_d < d.span(); ++at_d)
                    for (std::ptrdiff_t at_h = 0; at_h < h.span(); ++at_h, room += row)
                    {
                        const std::ptrdiff_t id = at_d - d.padding, ih = at_h - h.padding;
                        if (!is_seen(d, at_d) || !is_seen(h, at_h))
                            continue;
                        if (id < 0 || id >= d.in || ih < 0 || ih >= h.in)
                            std::fill_n(room, row, T(0));
                        else
                            fill_row(x + ((c * d.in + id) * h.in + ih) * v.in, room);
                    }
            std::fill_n(room, 64 / sizeof(T), T(0));
        }

        /// What the tap sees of output 0; output (d, h, v) sees its neighbour `output_offset` further.
        const T* tap(std::ptrdiff_t c, std::ptrdiff_t kd, std::ptrdiff_t kh, std::ptrdiff_t kv) const
        {
            const auto& [d, h, v] = e_.axis;
            const std::ptrdiff_t at = kv * v.dilation;
            return data_ + c * plane(e_) + (kd * d.dilation * h.span() + kh * h.dilation) * row_size(e_) +
                   at % v.stride * run_size(v) + at / v.stride;
        }
        std::ptrdiff_t output_offset(std::ptrdiff_t d, std::ptrdiff_t h, std::ptrdiff_t v) const
        {
            return (d * e_.axis[0].stride * e_.axis[1].span() + h * e_.axis[1].stride) * row_size(e_) + v;
        }

        const convolution_extents& extents() const { return e_; }

    private:
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
            for (std::ptrdiff_t tap = 0; tap < a.taps; ++tap)
                if ((at - tap * a.dilation) % a.stride == 0)
                    return true;
            return false;
        }

        void fill_row(const T* x, T* to) const
        {
            const window_axis& v = e_.axis[2];
            const std::ptrdiff_t run = run_size(v);
            for (std::ptrdiff_t phase = 0; phase < v.stride; ++phase, to += run)
            {
                if (!is_seen(v, phase + v.taps * v.dilation * v.stride))
                    continue;
                const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>((v.padding - phase + v.stride - 1) / v.stride, 0, run);
                const std::ptrdiff_t last =
                    std::clamp<std::ptrdiff_t>((v.in + v.padding - phase + v.stride - 1) / v.stride, first, run);
                const T* from = x + phase - v.padding;
                std::fill_n(to, first, T(0));
                if (v.stride == 1)
                    std::copy(from + first, from + last, to + first);
                else
                    for (std::ptrdiff_t i = first; i < last; ++i)
                        to[i] = from[i * v.stride];
                std::fill_n(to + last, run - last, T(0));
            }
        }

        const convolution_extents& e_;
        const T* data_ = nullptr;
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

        /// Packs k rows of the first `columns` columns, as `pack_panel` of a matrix does.
        template <class T, class Arch>
        [[gnu::noinline]] void pack_panel(const patches<T>& x, std::ptrdiff_t k, std::ptrdiff_t columns, T* to,
                                          std::ptrdiff_t width)
        {
            constexpr std::ptrdiff_t lanes = xsimd::batch<T, Arch>::size, most = 256;
            const padded_image<T>& image = *x.image;
            const convolution_extents& e = image.extents();
            output_run runs[most];
            if (columns < lanes)
                std::fill_n(to, k * width, T(0));
            tap_walk at(e, x.tap);
            if (x.transposed)
            {
                constexpr std::ptrdiff_t block = 16, stride = most + lanes; // rows 1 KB apart would share cache sets
                alignas(64) T rows[block * stride];
                const std::ptrdiff_t number = output_runs(image, x.output, k, runs);
                for (std::ptrdiff_t j = 0; j < columns; j += block)
                {
                    const std::ptrdiff_t count = std::min(block, columns - j);
                    for (std::ptrdiff_t i = 0; i < count; ++i, at.next(e))
                        gather<T, Arch, true>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, rows + i * stride);
                    transpose<T, Arch>(rows, stride, k, count, to + j, width);
                }
                return;
            }
            const std::ptrdiff_t number = output_runs(image, x.output, columns, runs);
            const std::ptrdiff_t loose = columns < lanes ? 0 : k - 1; // the last row ends where others' memory begins
            for (std::ptrdiff_t p = 0; p < loose; ++p, at.next(e))
                gather<T, Arch, true>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, to + p * width);
            for (std::ptrdiff_t p = loose; p < k; ++p, at.next(e))
                gather<T, Arch, false>(image.tap(at.c, at.kd, at.kh, at.kv), runs, number, to + p * width);
        }
    }
}
