// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/convolution.hpp>
#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/workers.hpp>

#include <cstddef>

namespace xgrad::inline XGRAD_ABI::kernel
{
    constexpr std::int64_t conv_flops(const convolution_extents& e)
    {
        return 2 * e.batch * e.groups * e.out_channels * e.out_size() * e.depth();
    }

    /// A thread's share of a convolution: where it begins in inputs, weights and outputs, and a workspace of its own.
    template <class T>
    struct conv_part
    {
        convolution_extents e;
        std::ptrdiff_t x = 0, w = 0, y = 0;
        int number = 0;
        T* room = nullptr;
    };

    /// Between what a convolution may be cut: images; images or groups; or output channels, too.
    enum class cut
    {
        images,
        outside_sums,
        anywhere
    };

    /// Calls compute(part) on threads, if there are some and the convolution is worth it: for images of a batch, or of one
    /// image for groups or at least 32 output channels each.
    template <class T>
    shared_parts<T> share_convolution([[maybe_unused]] const call& c, [[maybe_unused]] const convolution_extents& e,
                                      [[maybe_unused]] cut most, [[maybe_unused]] auto&& workspace,
                                      [[maybe_unused]] auto&& compute)
    {
        shared_parts<T> shared;
        if constexpr (with_threads)
        {
            using extents = convolution_extents;
            if (!c.threads || conv_flops(e) < 2 * fewest_shared_products)
                return shared;
            const bool images = e.batch > 1 || most == cut::images;
            std::ptrdiff_t extents::* const what = images         ? &extents::batch
                                                   : e.groups > 1 ? &extents::groups
                                                                  : &extents::out_channels;
            if (what == &extents::out_channels && most != cut::anywhere)
                return shared;
            const std::ptrdiff_t all = e.*what, step = what == &extents::out_channels ? 16 : 1;
            const int parts = c.threads->parts(all, step == 1 ? 1 : 2 * step);
            if (parts <= 1)
                return shared;
            std::ptrdiff_t most_elements = 0;
            extents of_whole = e;
            of_whole.whole_batch = e.batch;
            of_whole.whole_out_channels = e.out_channels;
            for (int part = 0; part < parts; ++part)
            {
                extents own = of_whole;
                own.*what =
                    (part + 1 == parts ? all : all * (part + 1) / parts / step * step) - all * part / parts / step * step;
                most_elements = std::max(most_elements, static_cast<std::ptrdiff_t>(workspace(own)));
            }
            shared = {*c.threads, parts, most_elements};
            const auto one = [&](int number, std::ptrdiff_t first, std::ptrdiff_t last)
            {
                conv_part<T> part{of_whole, 0, 0, 0, number, shared.room(number)};
                part.e.*what = last - first;
                const std::ptrdiff_t x = e.in_channels * e.in_size(), y = e.out_channels * e.out_size();
                if (what == &extents::batch)
                {
                    part.x = first * e.groups * x;
                    part.y = first * e.groups * y;
                }
                else if (what == &extents::groups)
                {
                    part.x = first * x;
                    part.y = first * y;
                    part.w = first * e.out_channels * e.depth();
                }
                else
                {
                    part.y = first * e.out_size();
                    part.w = first * e.depth();
                }
                compute(part);
            };
            c.threads->split(all, parts, step, one);
        }
        return shared;
    }
}
