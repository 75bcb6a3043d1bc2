// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// The inputs that one output along one axis sees: `count` of them from `first` on, every `step`-th.
    struct pool_range
    {
        std::ptrdiff_t first, count;
        /// What an average divides by.
        std::ptrdiff_t divisor;
    };

    /// How pooling windows lie along one axis.
    struct pool_axis
    {
        std::ptrdiff_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, padding = 0;
        /// Where padding ends that an average counts.
        std::ptrdiff_t limit = 1;
        bool counts_padding = false;
        /// Windows divide the axis into `out` parts of nearly equal length, whatever taps and strides say.
        bool adaptive = false;

        /// Windows are neighbouring pairs, and all of them lie inside.
        constexpr bool is_pairs() const
        {
            return taps == 2 && stride == 2 && padding == 0 && dilation == 1 && !adaptive && 2 * out <= in;
        }

        /// Inputs of one place modulo the stride that any output sees.
        constexpr std::ptrdiff_t run() const { return out + (taps - 1) * dilation / stride; }

        constexpr std::ptrdiff_t at(std::ptrdiff_t output, std::ptrdiff_t tap) const
        {
            return output * stride - padding + tap * dilation;
        }
        /// The first tap of an output that meets an input.
        constexpr std::ptrdiff_t first_tap(std::ptrdiff_t output) const
        {
            const std::ptrdiff_t start = output * stride - padding;
            return start < 0 ? (dilation - 1 - start) / dilation : 0;
        }
        /// How many outputs see an input at most, and how many see an input or one before it.
        constexpr std::ptrdiff_t seeing() const { return adaptive ? out / in + 2 : (taps - 1) * dilation / stride + 1; }
        constexpr std::ptrdiff_t seen_by(std::ptrdiff_t input) const
        {
            return adaptive ? ((input + 1) * out - 1) / in + 1 : std::min(out, (input + padding) / stride + 1);
        }
        /// Calls body(output, tap) for every output that sees an input, in order; adaptive windows have no taps.
        constexpr void each_seeing(std::ptrdiff_t input, auto&& body) const
        {
            if (adaptive)
                for (std::ptrdiff_t o = input * out / in; o < seen_by(input); ++o)
                    body(o, std::ptrdiff_t{0});
            else
            {
                const std::ptrdiff_t place = input + padding, before = place - (taps - 1) * dilation;
                for (std::ptrdiff_t o = before <= 0 ? 0 : (before + stride - 1) / stride; o < out && o * stride <= place; ++o)
                    if (const std::ptrdiff_t from = place - o * stride; dilation == 1)
                        body(o, from);
                    else if (from % dilation == 0)
                        body(o, from / dilation);
            }
        }

        constexpr pool_range operator()(std::ptrdiff_t output) const
        {
            if (adaptive)
            {
                const std::ptrdiff_t first = output * in / out, last = ((output + 1) * in + out - 1) / out;
                return {first, last - first, last - first};
            }
            const std::ptrdiff_t start = output * stride - padding;
            if (start >= 0 && start + (taps - 1) * dilation < in)
                return {start, taps, taps};
            const std::ptrdiff_t skipped = first_tap(output), last = std::min(taps, (in - start + dilation - 1) / dilation);
            const std::ptrdiff_t count = std::max<std::ptrdiff_t>(last - skipped, 0);
            return {start + skipped * dilation, count, counts_padding ? std::min(taps, limit - start) : count};
        }
    };

    /// Pooling of `planes` separate planes of up to three axes; missing ones come first.
    struct pool_extents
    {
        std::ptrdiff_t planes = 1;
        std::array<pool_axis, 3> axis;

        constexpr std::ptrdiff_t in_size() const { return axis[0].in * axis[1].in * axis[2].in; }
        constexpr std::ptrdiff_t out_size() const { return axis[0].out * axis[1].out * axis[2].out; }
        /// Windows are neighbouring 2x2.
        constexpr bool is_quads() const
        {
            return axis[0].in == 1 && axis[0].out == 1 && axis[0].taps == 1 && axis[1].is_pairs() && axis[2].is_pairs();
        }

        /// Calls body(plane) for every plane, and then done(first, last) with the elements that it has computed.
        constexpr void each_plane(std::ptrdiff_t size, auto&& done, auto&& body) const
        {
            for (std::ptrdiff_t plane = 0; plane < planes; ++plane)
            {
                body(plane);
                done(plane * size, (plane + 1) * size);
            }
        }
        /// Calls body(output, its place in x's plane to begin with, ranges) for every output of a plane.
        constexpr void each_output(auto&& body) const
        {
            std::ptrdiff_t o = 0;
            for (std::ptrdiff_t d = 0; d < axis[0].out; ++d)
                for (std::ptrdiff_t h = 0; h < axis[1].out; ++h)
                {
                    const pool_range at_d = axis[0](d), at_h = axis[1](h);
                    for (std::ptrdiff_t v = 0; v < axis[2].out; ++v, ++o)
                        body(o, at_d, at_h, axis[2](v));
                }
        }
        /// Calls body(place in x's plane) for every input of a window, row by row.
        constexpr void each_input(const pool_range& d, const pool_range& h, const pool_range& v, auto&& body) const
        {
            for (std::ptrdiff_t i = 0; i < d.count; ++i)
                for (std::ptrdiff_t j = 0; j < h.count; ++j)
                {
                    const std::ptrdiff_t row = ((d.first + i * axis[0].dilation) * axis[1].in + h.first + j * axis[1].dilation);
                    for (std::ptrdiff_t k = 0; k < v.count; ++k)
                        body(row * axis[2].in + v.first + k * axis[2].dilation);
                }
        }
        /// The place of a window's largest input, the first of equal ones; a NaN counts as largest, as in PyTorch. The window
        /// sees something.
        template <class T>
        constexpr std::ptrdiff_t largest(const T* x, const pool_range& d, const pool_range& h, const pool_range& v) const
        {
            std::ptrdiff_t best = (d.first * axis[1].in + h.first) * axis[2].in + v.first;
            each_input(d, h, v,
                       [&](std::ptrdiff_t at)
                       {
                           if (x[at] > x[best] || x[at] != x[at])
                               best = at;
                       });
            return best;
        }
    };
}
