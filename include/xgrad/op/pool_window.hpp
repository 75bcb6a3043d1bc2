// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/kernel/pool.hpp>
#include <xgrad/kernel/pool_threads.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/shape/window.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        // Attribute 0: taps, 16 bits for each axis; then padding at the end, 5 bits each, and whether padding counts.
        // Attribute 1: for each axis, stride (8 bits), dilation (5) and padding (8). All zero: adaptive.
        constexpr kernel::attributes pool_attributes(const per_axis& window, const pool_options& options)
        {
            kernel::attributes with;
            const bool counts = options.count_include_pad;
            with.value[0] = std::int64_t{counts} << 63;
            for (int axis = 0; axis < 3; ++axis)
            {
                const std::int64_t stride = options.stride[axis] ? options.stride[axis] : window[axis];
                with.value[0] |= std::int64_t{window[axis]} << 16 * axis | std::int64_t{options.padding_end[axis]}
                                                                               << (48 + 5 * axis);
                with.value[1] |=
                    (stride | std::int64_t{options.dilation[axis]} << 8 | std::int64_t{options.padding[axis]} << 13)
                    << 21 * axis;
            }
            return with;
        }

        /// The windows by which y is made from x.
        constexpr kernel::pool_extents pool_window(const shape& x, const shape& y, const kernel::attributes& with)
        {
            kernel::pool_extents e;
            e.planes = std::ptrdiff_t{x.extent[0]} * x.extent[1];
            for (int axis = 0; axis + 2 < x.rank; ++axis)
            {
                kernel::pool_axis& a = e.axis[static_cast<std::size_t>(axis + 5 - x.rank)];
                const std::int64_t moves = with.value[1] >> 21 * axis;
                a.in = x.extent[axis + 2];
                a.out = y.extent[axis + 2];
                a.adaptive = with.value[1] == 0;
                a.taps = a.adaptive ? 1 : with.value[0] >> 16 * axis & 65535;
                a.stride = a.adaptive ? 1 : moves & 255;
                a.dilation = a.adaptive ? 1 : moves >> 8 & 31;
                a.padding = moves >> 13 & 255;
                a.limit = a.in + (with.value[0] >> (48 + 5 * axis) & 31);
                a.counts_padding = with.value[0] < 0;
            }
            return e;
        }

        template <class T>
        constexpr std::int64_t pool_workspace_bytes(const signature& s)
        {
            return kernel::pool_workspace<T>(pool_window(s.in(0), s.out, s.with)) * static_cast<std::int64_t>(sizeof(T));
        }

        /// One for every input of a window.
        constexpr std::int64_t pool_flops(const shape& x, const shape& y, const kernel::attributes& with)
        {
            const kernel::pool_extents e = pool_window(x, y, with);
            std::int64_t each = 1;
            for (const kernel::pool_axis& a : e.axis)
            {
                std::int64_t sum = 0;
                for (std::ptrdiff_t o = 0; o < a.out; ++o)
                    sum += a(o).count;
                each *= sum;
            }
            return e.planes * each;
        }
    }

    namespace detail
    {
        template <class X>
        consteval bool require_pool_operand()
        {
            constexpr shape x = shape_of_operand<X>::value;
            static_assert(x.rank >= 3 && x.rank <= 5, "xgrad: pooling takes x as [batch, channels, 1 to 3 axes]");
            static_assert(std::is_floating_point_v<element_of_operand<X>>,
                          "xgrad: pooling needs floating-point numbers; cast<float>(x) converts");
            return x.rank >= 3 && x.rank <= 5;
        }

        template <per_axis Window, pool_options Options>
        consteval void require_pool_options()
        {
            constexpr auto within = [](const per_axis& a, int least, int most)
            { return a[0] >= least && a[1] >= least && a[2] >= least && a[0] <= most && a[1] <= most && a[2] <= most; };
            constexpr auto halves = [=](const per_axis& padding)
            { return padding[0] * 2 <= Window[0] && padding[1] * 2 <= Window[1] && padding[2] * 2 <= Window[2]; };
            static_assert(within(Window, 1, 65535) && within(Options.stride, 0, 255) && within(Options.dilation, 1, 31),
                          "xgrad: a pooling window is from 1 to 65535 long, strides are to 255 and dilations from 1 to 31");
            static_assert(within(Options.padding, 0, 255) && halves(Options.padding),
                          "xgrad: padding of a pooling window is at most half of it, so that every window sees something");
            static_assert(within(Options.padding_end, 0, 31),
                          "xgrad::pool_options: padding_end is from 0 to 31; it is the padding "
                          "unless it is given");
        }

        template <std::ptrdiff_t Input, std::ptrdiff_t Window>
        consteval void require_pool_window()
        {
            static_assert(Input >= Window, "xgrad: a window is longer than the axis it moves over, padding included");
        }

        template <class Kernel, per_axis Window, pool_options Options, class X>
        constexpr auto pooled(X&& x)
        {
            constexpr shape from = shape_of_operand<X>::value;
            require_pool_options<Window, Options>();
            if constexpr (require_pool_operand<X>())
            {
                constexpr auto room = [=](int axis)
                { return from[axis + 2] + Options.padding[axis] + Options.padding_end[axis]; };
                constexpr auto span = [=](int axis) { return (Window[axis] - 1) * Options.dilation[axis] + 1; };
                [&]<int... Axis>(std::integer_sequence<int, Axis...>)
                { (require_pool_window<room(Axis), span(Axis)>(), ...); }(std::make_integer_sequence<int, from.rank - 2>{});
                constexpr shape to = [=]
                {
                    shape s = from;
                    for (int axis = 0; axis + 2 < from.rank; ++axis)
                    {
                        const std::ptrdiff_t stride = Options.stride[axis] ? Options.stride[axis] : Window[axis];
                        std::ptrdiff_t out = (room(axis) - span(axis) + (Options.ceil_mode ? stride - 1 : 0)) / stride + 1;
                        if (Options.ceil_mode && (out - 1) * stride >= from[axis + 2] + Options.padding[axis])
                            --out; // the last window would begin behind the tensor
                        s.extent[axis + 2] = static_cast<std::int32_t>(out);
                    }
                    return s;
                }();
                return make_core<Kernel>(shape_type<to>{}, op::pool_attributes(Window, Options), in_memory(std::forward<X>(x)));
            }
            else
                return refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
        }

        template <class Kernel, per_axis Parts, class X>
        constexpr auto pooled_adaptively(X&& x)
        {
            constexpr shape from = shape_of_operand<X>::value;
            static_assert(Parts[0] > 0 && Parts[1] > 0 && Parts[2] > 0, "xgrad: adaptive pooling gives at least one part");
            if constexpr (require_pool_operand<X>())
            {
                constexpr shape to = [=]
                {
                    shape s = from;
                    for (int axis = 0; axis + 2 < from.rank; ++axis)
                        s.extent[axis + 2] = Parts[axis];
                    return s;
                }();
                return make_core<Kernel>(shape_type<to>{}, kernel::attributes{}, in_memory(std::forward<X>(x)));
            }
            else
                return refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
        }
    }
}
