// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// How a window moves along one axis: output o sees the inputs o * stride - padding + tap * dilation.
    struct window_axis
    {
        std::ptrdiff_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, padding = 0;

        /// The input that a tap of an output meets; outside of [0, in) it is padding.
        constexpr std::ptrdiff_t at(std::ptrdiff_t output, std::ptrdiff_t tap) const
        {
            return output * stride - padding + tap * dilation;
        }
        /// The outputs [first, last) whose tap meets an input.
        constexpr std::ptrdiff_t first(std::ptrdiff_t tap) const
        {
            const std::ptrdiff_t before = padding - tap * dilation;
            return std::clamp<std::ptrdiff_t>((before + stride - 1) / stride, 0, out);
        }
        constexpr std::ptrdiff_t last(std::ptrdiff_t tap) const
        {
            const std::ptrdiff_t room = in + padding - tap * dilation;
            return room <= 0 ? 0 : std::clamp<std::ptrdiff_t>((room + stride - 1) / stride, 0, out);
        }
        /// The inputs from the first one that any output sees to the last one, padding included.
        constexpr std::ptrdiff_t span() const { return (out - 1) * stride + (taps - 1) * dilation + 1; }
        constexpr bool is_plain() const { return taps == 1 && stride == 1 && padding == 0 && in == out; }
    };

    /// The extents of a convolution of up to three axes (missing ones come first, with extent 1); channels are those of
    /// one group.
    struct convolution_extents
    {
        std::ptrdiff_t batch = 1, groups = 1, in_channels = 1, out_channels = 1;
        std::array<window_axis, 3> axis;
        /// Of a part that a thread computes, those of the whole, which decide how: results have the same bits then.
        std::ptrdiff_t whole_batch = 0, whole_out_channels = 0;

        constexpr std::ptrdiff_t all_images() const { return std::max(batch, whole_batch); }
        constexpr std::ptrdiff_t all_out_channels() const { return std::max(out_channels, whole_out_channels); }
        constexpr std::ptrdiff_t in_size() const { return axis[0].in * axis[1].in * axis[2].in; }
        constexpr std::ptrdiff_t out_size() const { return axis[0].out * axis[1].out * axis[2].out; }
        constexpr std::ptrdiff_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
        /// What one output sums over.
        constexpr std::ptrdiff_t depth() const { return in_channels * taps(); }
        /// Every output sees one input, at its own place: the convolution is a product of matrices.
        constexpr bool is_plain() const { return axis[0].is_plain() && axis[1].is_plain() && axis[2].is_plain(); }
        constexpr bool is_depthwise() const { return in_channels == 1 && out_channels == 1 && groups > 1; }
    };

    /// Calls body(x, w, y) with the places of every input, weight and output that meet: the definition of a convolution
    /// and, read in another direction, of its two gradients.
    constexpr void each_term(const convolution_extents& e, auto&& body)
    {
        const auto& [d, h, v] = e.axis;
        std::ptrdiff_t y = 0;
        for (std::ptrdiff_t image = 0; image < e.batch; ++image)
            for (std::ptrdiff_t o = 0; o < e.groups * e.out_channels; ++o)
                for (std::ptrdiff_t od = 0; od < d.out; ++od)
                    for (std::ptrdiff_t oh = 0; oh < h.out; ++oh)
                        for (std::ptrdiff_t ov = 0; ov < v.out; ++ov, ++y)
                        {
                            const std::ptrdiff_t x = (image * e.groups + o / e.out_channels) * e.in_channels * e.in_size();
                            std::ptrdiff_t w = o * e.depth();
                            for (std::ptrdiff_t c = 0; c < e.in_channels; ++c)
                                for (std::ptrdiff_t kd = 0; kd < d.taps; ++kd)
                                    for (std::ptrdiff_t kh = 0; kh < h.taps; ++kh)
                                        for (std::ptrdiff_t kv = 0; kv < v.taps; ++kv, ++w)
                                        {
                                            const auto id = d.at(od, kd), ih = h.at(oh, kh), iv = v.at(ov, kv);
                                            if (id >= 0 && id < d.in && ih >= 0 && ih < h.in && iv >= 0 && iv < v.in)
                                                body(x + ((c * d.in + id) * h.in + ih) * v.in + iv, w, y);
                                        }
                        }
    }
}
