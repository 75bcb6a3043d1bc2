// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/joined_images.hpp>
#include <xgrad/kernel/patches.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::detail
{
    /// Whether every output sees one input, some of them none: the picked inputs make a plain convolution.
    constexpr bool picks_inputs(const convolution_extents& e)
    {
        bool picks = e.taps() == 1 && !e.is_plain();
        for (const window_axis& a : e.axis)
            picks = picks && a.padding == 0 && (a.out - 1) * a.stride < a.in;
        return picks;
    }
    /// The convolution of the inputs that are picked, or `e` itself.
    constexpr convolution_extents picked(convolution_extents e)
    {
        if (picks_inputs(e))
            for (window_axis& a : e.axis)
                a = {a.out, a.out};
        return e;
    }
    template <class T>
    constexpr std::ptrdiff_t picked_size(const convolution_extents& e)
    {
        return picks_inputs(e) ? whole_lines(e.in_channels * e.out_size()) : 0;
    }
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

    /// The inputs of one image that are seen, one behind the other.
    template <class T, class Arch>
    const T* pick_inputs(const convolution_extents& e, const T* x, T* room)
    {
        const auto& [d, h, v] = e.axis;
        T* to = room;
        for (std::ptrdiff_t c = 0; c < e.in_channels; ++c)
            for (std::ptrdiff_t od = 0; od < d.out; ++od)
                for (std::ptrdiff_t oh = 0; oh < h.out; ++oh, to += v.out)
                    pick_run<T, Arch>(x + ((c * d.in + od * d.stride) * h.in + oh * h.stride) * v.in, v.stride, v.out, to);
        return room;
    }
}
