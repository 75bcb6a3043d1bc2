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
        /// Whether that is the way to go: where windows reach far over the edges, most of what it sums is padding.
        constexpr bool can_mirror(const convolution_extents& e)
        {
            bool can = 2 * e.in_size() <= 3 * e.out_size() || e.is_depthwise();
            for (const window_axis& a : e.axis)
                can = can && a.stride == 1 && a.padding <= (a.taps - 1) * a.dilation;
            return can;
        }

        /// Channels of inputs whose gradients are computed at a time where strides leave gaps: at most 128 rows.
        constexpr std::ptrdiff_t scattered_channels(const convolution_extents& e)
        {
            return std::clamp<std::ptrdiff_t>(128 / e.taps(), 1, e.in_channels);
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
        if (detail::can_mirror(e))
            return detail::whole_lines(e.groups * e.out_channels * e.depth()) + convolution_workspace<T>(detail::mirrored(e));
        const std::ptrdiff_t rows = detail::scattered_channels(e) * e.taps();
        return 2 * detail::scatter_margin<T> + detail::whole_lines(rows * e.out_size()) +
               static_cast<std::ptrdiff_t>(gemm_workspace<T>(rows, e.out_size(), e.out_channels));
    }

    /// The gradient g of the outputs carried to the inputs, x' = g * w^T: a transposed convolution of g. With strides of 1
    /// it is a convolution with mirrored weights; else the products that every input sums are scattered.
    template <class T, class Arch = default_arch>
    void convolution_input_gradient(const convolution_extents& e, const T* g, const T* w, T* x, T* workspace, auto&& done)
    {
        const std::ptrdiff_t in_size = e.in_size(), out_size = e.out_size(), k = e.depth();
        if (!e.is_plain() && detail::can_mirror(e))
        {
            T* const room = workspace + detail::whole_lines(e.groups * e.out_channels * k);
            detail::mirror_weights(e, w, workspace);
            return convolution<T, Arch>(detail::mirrored(e), g, workspace, x, room, done);
        }
        const std::ptrdiff_t channels = e.is_plain() ? e.in_channels : detail::scattered_channels(e);
        constexpr std::ptrdiff_t margin = detail::scatter_margin<T>;
        T* const columns = workspace + margin;
        T* const room = e.is_plain() ? workspace : columns + detail::whole_lines(channels * e.taps() * out_size) + margin;
        for (std::ptrdiff_t i = 0; i < e.batch * e.groups; ++i)
        {
            const matrix<T> from{g + i * e.out_channels * out_size, out_size, false};
            const T* const weights = w + i % e.groups * e.out_channels * k;
            const std::ptrdiff_t first = i * e.in_channels * in_size;
            for (std::ptrdiff_t c = 0; c < e.in_channels; c += channels)
            {
                const std::ptrdiff_t count = std::min(channels, e.in_channels - c), rows = count * e.taps();
                T* const to = x + first + c * in_size;
                gemm<T, Arch>(rows, out_size, e.out_channels, {weights + c * e.taps(), k, true}, from,
                              e.is_plain() ? to : columns, out_size, write::overwrite, room);
                if (!e.is_plain())
                    detail::scatter<T, Arch>(e, count, columns, to);
            }
            done(first, first + e.in_channels * in_size);
        }
    }
}
