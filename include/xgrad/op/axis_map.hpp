// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/shape/window.hpp>

#include <algorithm>
#include <bit>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// Where the elements along an axis come from.
        enum class axis_source : std::int64_t
        {
            zeros,
            reflect,
            replicate,
            circular,
            nearest,
            linear,
            linear_corners
        };

        /// Element i of the result is (1 - share) x[first] + share x[second] along the axis; a constant where first is negative.
        struct axis_taps
        {
            std::ptrdiff_t first, second;
            double share = 0;

            constexpr axis_taps(axis_source from, std::ptrdiff_t i, std::ptrdiff_t begin, std::ptrdiff_t in, std::ptrdiff_t out)
                : first(i - begin), second(-1)
            {
                if (from == axis_source::nearest)
                    first = i * in / out;
                else if (from == axis_source::linear || from == axis_source::linear_corners)
                {
                    const double at =
                        from == axis_source::linear
                            ? std::max(
                                  (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5, 0.)
                            : static_cast<double>(i * (in - 1)) / static_cast<double>(std::max<std::ptrdiff_t>(out - 1, 1));
                    first = static_cast<std::ptrdiff_t>(at);
                    share = at - static_cast<double>(first);
                    second = std::min(first + 1, in - 1);
                }
                else if (from == axis_source::reflect)
                    first = first < 0 ? -first : first >= in ? 2 * in - 2 - first : first;
                else if (from == axis_source::replicate)
                    first = std::clamp<std::ptrdiff_t>(first, 0, in - 1);
                else if (from == axis_source::circular)
                    first = (first + in) % in;
                else if (first >= in)
                    first = -1;
            }
        };

        constexpr kernel::attributes axis_attributes(int axis, axis_source from, std::int64_t begin, double constant)
        {
            return {{axis | static_cast<std::int64_t>(from) << 4 | begin << 8, std::bit_cast<std::int64_t>(constant)}};
        }

        // Attribute 0: axis | source << 4 | elements before the first << 8; attribute 1: what stands there if they are of no
        // element. Transposed, x and result change places.
        template <bool Transposed>
        struct axis_map
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = Transposed ? "axis_map_transposed" : "axis_map";

            template <class Out, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const shape &from = c.in[0].extents, &to = c.out.extents;
                const int axis = static_cast<int>(c.with.value[0] & 15);
                const auto source = source_of(c.with);
                const auto begin = static_cast<std::ptrdiff_t>(c.with.value[0] >> 8);
                const auto constant = static_cast<Out>(std::bit_cast<double>(c.with.value[1]));
                std::ptrdiff_t outer = 1, inner = 1;
                for (int k = 0; k < to.rank; ++k)
                    (k < axis ? outer : inner) *= k == axis ? 1 : to.extent[k];
                const std::ptrdiff_t in = from.extent[axis], out = to.extent[axis];
                const Out* x = c.in[0].data.template as<Out>();
                Out* y = c.out.data.template as<Out>();
                for (std::ptrdiff_t o = 0; o < outer; ++o, x += in * inner, y += out * inner)
                {
                    for (std::ptrdiff_t k = 0; k < out * inner; ++k)
                        y[k] = 0;
                    for (std::ptrdiff_t i = 0; i < (Transposed ? in : out); ++i)
                    {
                        const axis_taps taps(source, i, begin, Transposed ? out : in, Transposed ? in : out);
                        if (!Transposed && taps.first < 0)
                            std::fill_n(y + i * inner, inner, constant);
                        add(x, y, i, taps.first, static_cast<Out>(1 - taps.share), inner);
                        if (taps.share != 0)
                            add(x, y, i, taps.second, static_cast<Out>(taps.share), inner);
                    }
                    done(o * out * inner, (o + 1) * out * inner);
                }
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return source_of(s.with) >= axis_source::linear ? 3 * std::max(s.in(0).size(), s.out.size()) : 0;
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                return make_core<axis_map<!Transposed>>(dynamic{x.shape()}, kernel::attributes{{with.value[0], 0}}, g);
            }

        private:
            static constexpr axis_source source_of(const kernel::attributes& with)
            {
                return static_cast<axis_source>(with.value[0] >> 4 & 15);
            }

            template <class T>
            static constexpr void add(const T* x, T* y, std::ptrdiff_t i, std::ptrdiff_t at, T share, std::ptrdiff_t inner)
            {
                if (at < 0)
                    return;
                const T* const from = x + (Transposed ? i : at) * inner;
                T* const to = y + (Transposed ? at : i) * inner;
                for (std::ptrdiff_t k = 0; k < inner; ++k)
                    to[k] += share * from[k];
            }
        };
    }

    namespace detail
    {
        template <class X>
        consteval bool require_spatial_operand()
        {
            constexpr shape x = shape_of_operand<X>::value;
            static_assert(x.rank >= 3 && x.rank <= 5, "xgrad: padding and upsampling take x as [batch, channels, 1 to 3 axes]");
            static_assert(std::is_floating_point_v<element_of_operand<X>>,
                          "xgrad: padding and upsampling need floating-point numbers; cast<float>(x) converts");
            return x.rank >= 3 && x.rank <= 5;
        }

        /// x with axes from `Axis` on made Extent[axis - 2] long, one after the other.
        template <op::axis_source Source, per_axis Begin, shape To, int Axis = 2, class X>
        constexpr auto map_axes(X&& x, double constant = 0)
        {
            constexpr shape from = shape_of_operand<X>::value;
            if constexpr (Axis == from.rank)
                return to_expression(std::forward<X>(x));
            else if constexpr (from.extent[Axis] == To.extent[Axis])
                return map_axes<Source, Begin, To, Axis + 1>(std::forward<X>(x), constant);
            else
            {
                constexpr shape to = [=]
                {
                    shape s = from;
                    s.extent[Axis] = To.extent[Axis];
                    return s;
                }();
                return map_axes<Source, Begin, To, Axis + 1>(
                    make_core<op::axis_map<false>>(shape_type<to>{},
                                                   op::axis_attributes(Axis, Source, Begin[Axis - 2], constant),
                                                   in_memory(std::forward<X>(x))),
                    constant);
            }
        }
    }
}
