// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/convolution_forward.hpp>
#include <xgrad/kernel/scatter.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    namespace detail
    {
        /// The extents of the convolution that turns gradients of outputs into those of inputs: taps mirrored, every
        /// input between its neighbours. Only for strides of 1 and padding shorter than the window.
        constexpr convolution_extents mirrored(convolution_extents e)
        {
            std::swap(e.in_channels, e.out_channels);
            e.whole_out_channels = 0;
            for (window_axis& a : e.axis)
            {
                std::swap(a.in, a.out);
                a.padding = (a.taps - 1) * a.dilation - a.padding;
            }
            return e;
        }
        /// Whether that is possible, and the way to go: where windows reach far over the edges, most of what it sums is padding.
        constexpr bool can_mirror(const convolution_extents& e)
        {
            bool can = 2 * e.in_size() <= 3 * e.out_size() || e.is_depthwise();
            for (const window_axis& a : e.axis)
                can = can && a.stride == 1 && a.padding <= (a.taps - 1) * a.dilation;
            return can;
        }
        /// Of so few small images the products are sooner scattered than the weights mirrored (16 images of 512 channels, 2x2: 10 %
        /// faster; of 256 channels, 4x4: 6 % slower).
        constexpr std::ptrdiff_t few_images(const convolution_extents& e) { return e.out_channels / (8 * e.axis[1].in); }
        template <class T>
        constexpr bool mirrors(const convolution_extents& e)
        {
            return can_mirror(e) && !(joins_images<T>(e) && e.all_images() <= few_images(e));
        }

        /// Channels of inputs whose gradients are computed at a time where strides leave gaps: at most 128 rows.
        constexpr std::ptrdiff_t scattered_channels(const convolution_extents& e)
        {
            return std::clamp<std::ptrdiff_t>(128 / e.taps(), 1, e.in_channels);
        }

        /// Images whose outputs stand side by side as columns of one product, if a single one has too few for its tiles.
        template <class T>
        constexpr std::ptrdiff_t scattered_images(const convolution_extents& e)
        {
            return joins_images<T>(e) ? std::clamp<std::ptrdiff_t>(512 / e.out_size(), 1, e.batch) : 1;
        }
        template <class T>
        constexpr std::ptrdiff_t scattered_workspace(const convolution_extents& e)
        {
            const std::ptrdiff_t rows = scattered_channels(e) * e.taps(), images = scattered_images<T>(e);
            const std::ptrdiff_t n = images * e.out_size();
            return 2 * scatter_margin<T> + whole_lines(rows * n) + (images > 1 ? whole_lines(e.out_channels * n) : 0) +
                   static_cast<std::ptrdiff_t>(gemm_workspace<T>(rows, n, e.out_channels));
        }

        /// to[channel in][channel out][taps backwards] = from[channel out][channel in][taps], for every group; in blocks of 16
        /// by 16 channels, which take few pages of either side.
        template <class T>
        void mirror_weights(const convolution_extents& e, const T* from, T* to)
        {
            constexpr std::ptrdiff_t block = 16;
            const std::ptrdiff_t taps = e.taps(), size = e.out_channels * e.depth();
            for (std::ptrdiff_t g = 0; g < e.groups; ++g, from += size, to += size)
                for (std::ptrdiff_t o_first = 0; o_first < e.out_channels; o_first += block)
                    for (std::ptrdiff_t c_first = 0; c_first < e.in_channels; c_first += block)
                        for (std::ptrdiff_t c = c_first; c < std::min(c_first + block, e.in_channels); ++c)
                            for (std::ptrdiff_t o = o_first; o < std::min(o_first + block, e.out_channels); ++o)
                                for (std::ptrdiff_t k = 0; k < taps; ++k)
                                    to[(c * e.out_channels + o) * taps + k] = from[o * e.depth() + (c + 1) * taps - 1 - k];
        }
    }

    /// Elements of workspace that `convolution_input_gradient` needs.
    template <class T>
    constexpr std::ptrdiff_t convolution_input_gradient_workspace(const convolution_extents& e)
    {
        if (e.is_plain())
            return static_cast<std::ptrdiff_t>(gemm_workspace<T>(e.in_channels, e.out_size(), e.out_channels));
        if (!detail::can_mirror(e))
            return detail::scattered_workspace<T>(e);
        // a smaller batch may go the other way
        convolution_extents mirrored = e, scattered = e;
        mirrored.batch = detail::mirrors<T>(e) ? e.batch : 1;
        scattered.batch = std::min(e.batch, detail::few_images(e));
        return std::max(detail::whole_lines(e.groups * e.out_channels * e.depth()) +
                            convolution_workspace<T>(detail::mirrored(mirrored)),
                        scattered.batch > 1 && detail::joins_images<T>(e) ? detail::scattered_workspace<T>(scattered) : 0);
    }

    /// The gradient g of the outputs carried to the inputs, x' = g * w^T: a transposed convolution of g. With strides of 1
    /// it is a convolution with mirrored weights; else the products that every input sums are scattered.
    template <class T, class Arch = default_arch>
    void convolution_input_gradient(const convolution_extents& e, const T* g, const T* w, T* x, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in_size = e.in_size(), out_size = e.out_size(), k = e.depth();
        const auto weights_of = [&](std::ptrdiff_t image, std::ptrdiff_t channel)
        { return matrix<T>{w + (image % e.groups * e.out_channels) * k + channel * e.taps(), k, true}; };
        if (e.is_plain())
        {
            for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
            {
                const std::ptrdiff_t first = i * e.in_channels * in_size;
                gemm<T, Arch>(e.in_channels, out_size, e.out_channels, weights_of(i, 0),
                              {g + i * e.out_channels * out_size, out_size, false}, x + first, out_size, write::overwrite,
                              workspace);
                done(first, first + e.in_channels * in_size);
            }
            return;
        }
        if (detail::mirrors<T>(e))
        {
            T* const room = workspace + detail::whole_lines(e.groups * e.out_channels * k);
            detail::mirror_weights(e, w, workspace);
            return convolution<T, Arch>(detail::mirrored(e), g, workspace, x, room, done);
        }
        constexpr std::ptrdiff_t margin = detail::scatter_margin<T>;
        const std::ptrdiff_t channels = detail::scattered_channels(e), together = detail::scattered_images<T>(e);
        T* const columns = workspace + margin;
        T* const turned = columns + detail::whole_lines(channels * e.taps() * together * out_size) + margin;
        T* const room = turned + (together > 1 ? detail::whole_lines(e.out_channels * together * out_size) : 0);
        for (std::ptrdiff_t i = 0, images; i < e.batch * e.groups; i += images)
        {
            images = std::min(together, e.batch * e.groups - i);
            const std::ptrdiff_t n = images * out_size;
            const T* from = g + i * e.out_channels * out_size;
            if (together > 1)
            {
                detail::turn_batch<T, Arch>(images, e.out_channels, out_size, from, turned);
                from = turned;
            }
            const std::ptrdiff_t first = i * e.in_channels * in_size;
            for (std::ptrdiff_t c = 0; c < e.in_channels; c += channels)
            {
                const std::ptrdiff_t count = std::min(channels, e.in_channels - c);
                gemm<T, Arch>(count * e.taps(), n, e.out_channels, weights_of(i, c), {from, n, false}, columns, n,
                              write::overwrite, room);
                for (std::ptrdiff_t image = 0; image < images; ++image)
                    detail::scatter<T, Arch>(e, count, columns + image * out_size, n,
                                             x + first + (image * e.in_channels + c) * in_size);
            }
            done(first, first + images * e.in_channels * in_size);
        }
    }
}
