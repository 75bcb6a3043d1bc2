// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>
#include <xgrad/kernel/convolution.hpp>
#include <xgrad/kernel/convolution_threads.hpp>
#include <xgrad/op/packed_weights.hpp>
#include <xgrad/op/winograd_convolution.hpp>
#include <xgrad/shape/window.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        // Attribute 0: strides and dilations, a byte each, and whether weights are packed; attribute 1: the padding before the
        // first element, two bytes each. Everything else follows from the shapes.
        inline constexpr std::int64_t weights_are_packed = std::int64_t{1} << 48;
        constexpr kernel::attributes conv_attributes(const conv_options& options)
        {
            kernel::attributes with;
            for (int axis = 0; axis < 3; ++axis)
            {
                with.value[0] |= std::int64_t{options.stride[axis]} << 16 * axis;
                with.value[0] |= std::int64_t{options.dilation[axis]} << (16 * axis + 8);
                with.value[1] |= std::int64_t{options.padding[axis]} << 16 * axis;
            }
            return with;
        }

        /// The window along a spatial axis as attributes hold it.
        constexpr kernel::window_axis conv_axis(const kernel::attributes& with, int axis)
        {
            kernel::window_axis a;
            a.stride = with.value[0] >> 16 * axis & 255;
            a.dilation = with.value[0] >> (16 * axis + 8) & 255;
            a.padding = with.value[1] >> 16 * axis & 65535;
            return a;
        }

        /// The extents of the convolution y = x * w with x [batch, in, ..], w [out, in / groups, ..], y [batch, out, ..].
        constexpr kernel::convolution_extents conv_extents(const shape& x, const shape& w, const shape& y,
                                                           const kernel::attributes& with)
        {
            kernel::convolution_extents e;
            e.batch = x.extent[0];
            e.groups = x.extent[1] / w.extent[1];
            e.in_channels = w.extent[1];
            e.out_channels = y.extent[1] / e.groups;
            for (int axis = 0; axis + 2 < x.rank; ++axis)
            {
                kernel::window_axis& a = e.axis[static_cast<std::size_t>(axis + 5 - x.rank)] = conv_axis(with, axis);
                a.in = x.extent[axis + 2];
                a.taps = w.extent[axis + 2];
                a.out = y.extent[axis + 2];
            }
            return e;
        }

        // for the compiler, which runs no kernels
        template <class T>
        constexpr void conv_by_definition(const kernel::convolution_extents& e, std::ptrdiff_t size, T* to, auto&& done,
                                          auto&& add)
        {
            for (std::ptrdiff_t i = 0; i < size; ++i)
                to[i] = 0;
            kernel::each_term(e, add);
            done(0, size);
        }

        // What is bilinear has derivatives of its own kind: of y = conv(x, w), x' = (g, w) and w' = (g, x), whose
        // derivatives are again these three.
        struct convolution;
        struct convolution_input_gradient;
        struct convolution_weight_gradient;

        struct convolution
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "convolution";
            static constexpr bool finishes_channels = true;

            static constexpr auto extents(const shape& x, const shape& w, const shape& y, const kernel::attributes& with)
            {
                return conv_extents(x, w, y, with);
            }
            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto e = extents(c.in[0].extents, c.in[1].extents, c.out.extents, c.with);
                const Out *a = c.in[0].data.template as<Out>(), *b = c.in[1].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const bool packed = c.with.value[0] & weights_are_packed;
                const kernel::channel_finish<Out>* finish = nullptr;
                if constexpr (requires { done.finish; })
                    finish = done.finish;
                if (std::is_constant_evaluated())
                    conv_by_definition(e, c.out.extents.size(), to, done,
                                       [&](std::ptrdiff_t x, std::ptrdiff_t w, std::ptrdiff_t y) { to[y] += a[x] * b[w]; });
                else if (!kernel::share_convolution<Out>(
                             c, e, kernel::cut::anywhere, kernel::convolution_workspace<Out>,
                             [&](const kernel::conv_part<Out>& own)
                             {
                                 const auto channel = own.y / e.out_size() % (e.groups * e.out_channels);
                                 const auto of_part = finish ? finish->from(channel) : kernel::channel_finish<Out>{};
                                 kernel::convolution<Out>(own.e, a + own.x, b + own.w, to + own.y, own.room,
                                                          kernel::shifted(done, own.y), finish ? &of_part : nullptr, packed);
                             }))
                    kernel::convolution<Out>(e, a, b, to, c.workspace.template as<Out>(), done, finish, packed);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return kernel::conv_flops(extents(s.in(0), s.in(1), s.out, s.with));
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using type = typename A::value_type;
                const auto e = extents(s.in(0), s.in(1), s.out, s.with);
                return kernel::convolution_workspace<type>(e) * static_cast<std::int64_t>(sizeof(type));
            }

            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::second : needs::first;
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x, auto w)
            {
                if constexpr (Operand == 0)
                    return make_core<convolution_input_gradient>(dynamic{x.shape()}, with, g, w);
                else
                    return make_core<convolution_weight_gradient>(dynamic{w.shape()}, with, g, x);
            }
        };

        /// x from the gradient g of y and from w: the transposed convolution of g.
        struct convolution_input_gradient
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "convolution_transpose";

            static constexpr auto extents(const shape& g, const shape& w, const shape& x, const kernel::attributes& with)
            {
                return conv_extents(x, w, g, with);
            }
            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto e = extents(c.in[0].extents, c.in[1].extents, c.out.extents, c.with);
                const Out *a = c.in[0].data.template as<Out>(), *b = c.in[1].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                if (std::is_constant_evaluated())
                    conv_by_definition(e, c.out.extents.size(), to, done,
                                       [&](std::ptrdiff_t x, std::ptrdiff_t w, std::ptrdiff_t y) { to[x] += a[y] * b[w]; });
                else if (!kernel::share_convolution<Out>(
                             c, e, kernel::cut::outside_sums, kernel::convolution_input_gradient_workspace<Out>,
                             [&](const kernel::conv_part<Out>& own)
                             {
                                 kernel::convolution_input_gradient<Out>(own.e, a + own.y, b + own.w, to + own.x, own.room,
                                                                         kernel::shifted(done, own.x));
                             }))
                    kernel::convolution_input_gradient<Out>(e, a, b, to, c.workspace.template as<Out>(), done);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return kernel::conv_flops(extents(s.in(0), s.in(1), s.out, s.with));
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using type = typename A::value_type;
                const auto e = extents(s.in(0), s.in(1), s.out, s.with);
                return kernel::convolution_input_gradient_workspace<type>(e) * static_cast<std::int64_t>(sizeof(type));
            }

            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::second : needs::first;
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto h, auto, auto g, auto w)
            {
                if constexpr (Operand == 0)
                    return make_core<convolution>(dynamic{g.shape()}, with, h, w);
                else
                    return make_core<convolution_weight_gradient>(dynamic{w.shape()}, with, g, h);
            }
        };

        /// w from the gradient g of y and from x.
        struct convolution_weight_gradient
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "convolution_weight_gradient";

            static constexpr auto extents(const shape& g, const shape& x, const shape& w, const kernel::attributes& with)
            {
                return conv_extents(x, w, g, with);
            }
            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto e = extents(c.in[0].extents, c.in[1].extents, c.out.extents, c.with);
                const Out *a = c.in[0].data.template as<Out>(), *b = c.in[1].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                if (std::is_constant_evaluated())
                    conv_by_definition(e, c.out.extents.size(), to, done,
                                       [&](std::ptrdiff_t x, std::ptrdiff_t w, std::ptrdiff_t y) { to[w] += a[y] * b[x]; });
                else if (const std::ptrdiff_t size = c.out.extents.size(), padded = (size + 15) / 16 * 16;
                         const auto shared = kernel::share_convolution<Out>(
                             c, e, kernel::cut::images,
                             [&](const auto& own) { return padded + kernel::convolution_weight_gradient_workspace<Out>(own); },
                             [&](const kernel::conv_part<Out>& own)
                             {
                                 // the first part's sums go to the result, the others' into rooms of their own
                                 kernel::convolution_weight_gradient<Out>(own.e, a + own.y, b + own.x,
                                                                          own.number == 0 ? to : own.room, own.room + padded,
                                                                          [](std::ptrdiff_t, std::ptrdiff_t) {});
                             }))
                {
                    for (int part = 1; part < shared.count; ++part)
                        for (std::ptrdiff_t i = 0; i < size; ++i)
                            to[i] += shared.room(part)[i];
                    done(0, size);
                }
                else
                    kernel::convolution_weight_gradient<Out>(e, a, b, to, c.workspace.template as<Out>(), done);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return kernel::conv_flops(extents(s.in(0), s.in(1), s.out, s.with));
            }
            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using type = typename A::value_type;
                const auto e = extents(s.in(0), s.in(1), s.out, s.with);
                return kernel::convolution_weight_gradient_workspace<type>(e) * static_cast<std::int64_t>(sizeof(type));
            }

            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::second : needs::first;
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto v, auto, auto g, auto x)
            {
                if constexpr (Operand == 0)
                    return make_core<convolution>(dynamic{g.shape()}, with, x, v);
                else
                    return make_core<convolution_input_gradient>(dynamic{x.shape()}, with, g, v);
            }
        };
    }

    namespace detail
    {
        template <std::ptrdiff_t ChannelsOfX, std::ptrdiff_t ChannelsOfWeight>
        consteval bool require_channels()
        {
            static_assert(ChannelsOfX == ChannelsOfWeight,
                          "xgrad: a convolution needs as many channels (the second extent of x) as its weight was made for");
            return ChannelsOfX == ChannelsOfWeight;
        }

        template <std::ptrdiff_t Input, std::ptrdiff_t Window>
        consteval bool require_window()
        {
            static_assert(Input >= Window, "xgrad: a window is longer than the axis it moves over, padding included");
            return Input >= Window;
        }

        template <shape X, shape W, conv_options Options>
        consteval bool require_conv_extents()
        {
            constexpr bool groups = W[0] % Options.groups == 0;
            static_assert(groups, "xgrad: the groups of a convolution must divide its output channels");
            constexpr bool channels = require_channels<X[1], W[1] * Options.groups>();
            return []<int... Axis>(std::integer_sequence<int, Axis...>)
            {
                return (require_window<X[Axis + 2] + Options.padding[Axis] + Options.padding_end[Axis],
                                       (W[Axis + 2] - 1) * Options.dilation[Axis] + 1>() &&
                        ... && (groups && channels));
            }(std::make_integer_sequence<int, X.rank - 2>{});
        }

        template <class X, class W>
        consteval bool require_conv_operands()
        {
            constexpr shape x = shape_of_operand<X>::value, w = shape_of_operand<W>::value;
            static_assert(x.rank >= 3 && x.rank <= 5 && w.rank == x.rank,
                          "xgrad: a convolution takes x as [batch, channels, 1 to 3 axes] and a weight with as many axes");
            static_assert(std::is_same_v<element_of_operand<X>, element_of_operand<W>> &&
                              std::is_floating_point_v<element_of_operand<X>>,
                          "xgrad: a convolution needs x and its weight of one floating-point type; cast<float>(x) converts");
            static_assert(!w.bounded, "xgrad: the weight of a convolution has no batch");
            return x.rank >= 3 && x.rank <= 5 && w.rank == x.rank;
        }

        // what a refused convolution seems to give: an image so large that the layers behind have nothing to refuse
        template <shape X, shape W>
        consteval shape image_like()
        {
            shape s;
            s.bounded = X.bounded;
            s.append(X.rank > 0 ? X[0] : 1);
            s.append(W.rank > 0 ? W[0] : 1);
            for (int axis = 2; axis < W.rank; ++axis)
                s.append(1024);
            return s;
        }

        template <conv_options Options>
        consteval void require_conv_options()
        {
            constexpr auto within = [](const per_axis& a, int least, int most)
            { return a[0] >= least && a[1] >= least && a[2] >= least && a[0] <= most && a[1] <= most && a[2] <= most; };
            static_assert(within(Options.stride, 1, 255) && within(Options.dilation, 1, 255),
                          "xgrad::conv_options: strides and dilations are from 1 to 255");
            static_assert(within(Options.padding, 0, 65535) && within(Options.padding_end, 0, 65535) && Options.groups >= 1,
                          "xgrad::conv_options: padding is from 0 to 65535, and there is at least one group");
        }

        // where strides and dilations leave no doubt about the length of the result, there is nothing to add to it
        template <conv_options Options>
        consteval void require_output_padding()
        {
            constexpr auto fits = [](int axis)
            {
                const int added = Options.output_padding[axis];
                return added >= 0 && (added < Options.stride[axis] || added < Options.dilation[axis]);
            };
            static_assert(fits(0) && fits(1) && fits(2),
                          "xgrad::conv_options: output_padding must be smaller than the stride or the dilation");
        }
    }

    namespace detail
    {
        /// Whether the weights of a convolution are packed in a frozen prediction.
        template <class X>
        constexpr bool packs_weights(const shape& x, const shape& w, const shape& y, const kernel::attributes& with)
        {
            return expression_type<X>::order == 0 &&
                   kernel::packs_weights<element_of_operand<X>>(op::conv_extents(x, w, y, with));
        }

        /// Whether a convolution is computed by minimal filtering: where it is faster, no derivative can be asked for, and
        /// the numbers are float.
        template <class X>
        constexpr bool uses_winograd(const shape& x, const shape& w, const shape& y, const kernel::attributes& with)
        {
            return expression_type<X>::order == 0 && std::is_same_v<element_of_operand<X>, float> &&
                   kernel::winograd_extents::serves(op::conv_extents(x, w, y, with));
        }
    }

    /// The convolution (cross-correlation) of x [batch, in, ..] with weight [out, in / groups, ..] over one to three axes:
    /// y [batch, out, ..] of extent (n + padding + padding_end - dilation (taps - 1) - 1) / stride + 1.
    /// Derivatives: the transposed convolution of g with weight; the correlation of g and x.
    template <conv_options Options = conv_options{}>
    constexpr auto convolution(tensor auto&& x, tensor auto&& weight)
    {
        using X = decltype(x);
        using W = decltype(weight);
        constexpr shape from = shape_of_operand<X>::value, w = shape_of_operand<W>::value;
        detail::require_conv_options<Options>();
        static_assert(Options.output_padding == per_axis(0),
                      "xgrad::convolution: output_padding is for transposed convolutions only");
        if constexpr (!detail::require_conv_operands<X, W>())
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_type<detail::image_like<from, w>()>{});
        else if constexpr (!detail::require_conv_extents<from, w, Options>())
        {
            constexpr shape to = [=]
            {
                shape s = from;
                s.extent[1] = w.extent[0];
                return s;
            }();
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_type<to>{});
        }
        else
        {
            constexpr auto padded = [=](int axis)
            { return from[axis + 2] + Options.padding[axis] + Options.padding_end[axis]; };
            constexpr auto span = [=](int axis) { return (w[axis + 2] - 1) * Options.dilation[axis] + 1; };
            constexpr shape to = [=]
            {
                shape s = from;
                s.extent[1] = w.extent[0];
                for (int axis = 0; axis + 2 < from.rank; ++axis)
                    s.extent[axis + 2] = static_cast<std::int32_t>((padded(axis) - span(axis)) / Options.stride[axis] + 1);
                return s;
            }();
            constexpr kernel::attributes with = op::conv_attributes(Options);
            if constexpr (detail::uses_winograd<X>(from, w, to, with))
            {
                constexpr auto e = op::conv_extents(from, w, to, with);
                constexpr kernel::winograd_extents at(e);
                const auto image = in_memory(std::forward<X>(x));
                const auto plain = in_memory(std::forward<W>(weight));
                if (image.list->frozen || kernel::winograd_extents::pays(e))
                    return make_core<op::winograd_convolution>(
                        shape_type<to>{}, kernel::attributes{{0, with.value[1]}}, image,
                        named(make_core<op::winograd_weights>(dynamic{extents<at.weights_size()>::value},
                                                              kernel::attributes{{at.tile}}, plain)));
                return make_core<op::winograd_convolution>(shape_type<to>{},
                                                           kernel::attributes{{op::winograd_convolution::plain, with.value[1]}},
                                                           image, detail::internal<0>(plain.list, plain.tree, plain.shape()));
            }
            else
            {
                const auto image = in_memory(std::forward<X>(x));
                const auto plain = in_memory(std::forward<W>(weight));
                if constexpr (detail::packs_weights<X>(from, w, to, with))
                    if (image.list->frozen)
                        return make_core<op::convolution>(
                            shape_type<to>{}, kernel::attributes{{with.value[0] | op::weights_are_packed, with.value[1]}},
                            image,
                            named(make_core<op::packed_weights>(dynamic{op::packed_weights::packed(w)}, kernel::attributes{},
                                                                plain)));
                return make_core<op::convolution>(shape_type<to>{}, with, image, plain);
            }
        }
    }

    /// The transposed convolution of x [batch, in, ..] with weight [in, out / groups, ..]: what carries gradients back
    /// through a convolution. y [batch, out, ..] of extent
    /// (n - 1) stride - padding - padding_end + dilation (taps - 1) + output_padding + 1.
    template <conv_options Options = conv_options{}>
    constexpr auto convolution_transpose(tensor auto&& x, tensor auto&& weight)
    {
        using X = decltype(x);
        using W = decltype(weight);
        constexpr shape from = shape_of_operand<X>::value, w = shape_of_operand<W>::value;
        detail::require_conv_options<Options>();
        detail::require_output_padding<Options>();
        if constexpr (detail::require_conv_operands<X, W>())
        {
            static_cast<void>(detail::require_channels<from[1], w[0]>());
            static_assert(w[0] % Options.groups == 0, "xgrad: the groups of a convolution must divide its input channels");
            constexpr shape to = [=]
            {
                shape s = from;
                s.extent[1] = w.extent[1] * Options.groups;
                for (int axis = 0; axis + 2 < from.rank; ++axis)
                    s.extent[axis + 2] = static_cast<std::int32_t>(
                        (from[axis + 2] - 1) * Options.stride[axis] - Options.padding[axis] - Options.padding_end[axis] +
                        (w[axis + 2] - 1) * Options.dilation[axis] + Options.output_padding[axis] + 1);
                return s;
            }();
            [&]<int... Axis>(std::integer_sequence<int, Axis...>)
            {
                static_cast<void>((detail::require_window<to[Axis + 2], 1>() && ...));
            }(std::make_integer_sequence<int, from.rank - 2>{});
            return make_core<op::convolution_input_gradient>(shape_type<to>{}, op::conv_attributes(Options),
                                                             in_memory(std::forward<X>(x)), in_memory(std::forward<W>(weight)));
        }
        else
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
    }
}
