// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/padded_image.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The matrix [channel and tap, output] of what every tap of an image sees, never written down as a whole; or its
    /// transpose. Where `offsets` has the places of taps, it need not be packed.
    template <class T>
    struct patches
    {
        const padded_image<T>* image;
        bool transposed;
        std::ptrdiff_t tap = 0, output = 0;
        const std::ptrdiff_t* offsets = nullptr;

        constexpr patches from(std::ptrdiff_t i, std::ptrdiff_t j) const
        {
            return transposed ? patches{image, true, tap + j, output + i} : patches{image, false, tap + i, output + j};
        }
    };

    namespace detail
    {
        /// Goes over outputs in their order, by so many of a row at a time.
        struct output_walk
        {
            std::ptrdiff_t d, h, v;

            output_walk(const convolution_extents& e, std::ptrdiff_t output)
                : d(output / e.axis[2].out / e.axis[1].out), h(output / e.axis[2].out % e.axis[1].out),
                  v(output % e.axis[2].out)
            {
            }
            void next(const convolution_extents& e, std::ptrdiff_t count)
            {
                if ((v += count) < e.axis[2].out)
                    return;
                v = 0;
                if (++h == e.axis[1].out)
                    h = 0, ++d;
            }
        };

        /// Neighbouring outputs of one row.
        struct output_run
        {
            std::ptrdiff_t offset, count;
        };

        /// Outputs [first, first + count) as runs; returns their number.
        template <class T>
        std::ptrdiff_t output_runs(const padded_image<T>& image, std::ptrdiff_t first, std::ptrdiff_t count, output_run* runs)
        {
            const convolution_extents& e = image.extents();
            output_walk at(e, first);
            std::ptrdiff_t number = 0;
            while (count > 0)
            {
                const std::ptrdiff_t length = std::min(count, e.axis[2].out - at.v);
                runs[number++] = {image.output_offset(at.d, at.h, at.v), length};
                count -= length;
                at.next(e, length);
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

        /// The places of all taps in the image.
        template <class T>
        void tap_offsets(const padded_image<T>& image, std::ptrdiff_t* to)
        {
            tap_walk at(image.extents(), 0);
            for (std::ptrdiff_t p = 0; p < image.extents().depth(); ++p, at.next(image.extents()))
                to[p] = image.tap_offset(at.c, at.kd, at.kh, at.kv);
        }

        /// Where outputs from `first` on lie, each `step`-th of `count`, which begin within one row each.
        template <class T>
        void output_places(const padded_image<T>& image, std::ptrdiff_t first, std::ptrdiff_t step, std::ptrdiff_t count,
                           std::ptrdiff_t* to)
        {
            output_walk at(image.extents(), first);
            for (std::ptrdiff_t i = 0; i < count; ++i, at.next(image.extents(), step))
                to[i] = image.output_offset(at.d, at.h, at.v);
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
