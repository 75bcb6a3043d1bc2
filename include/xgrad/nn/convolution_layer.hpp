// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/convolution.hpp>
#include <xgrad/op/reshape.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        /// Stands where a layer has no bias.
        struct no_parameter
        {
            constexpr no_parameter() = default;
            constexpr no_parameter(const initializer&) {}
        };

        template <int Rank>
        constexpr std::ptrdiff_t tap_count(const per_axis& kernel)
        {
            std::ptrdiff_t count = 1;
            for (int axis = 0; axis < Rank; ++axis)
                count *= kernel[axis];
            return count;
        }

        template <int Rank, per_axis Kernel, std::ptrdiff_t First, std::ptrdiff_t Second>
        constexpr auto conv_weight_shape()
        {
            shape s;
            s.append(First);
            s.append(Second);
            for (int axis = 0; axis < Rank; ++axis)
                s.append(Kernel[axis]);
            return s;
        }

        /// y + bias of every channel.
        template <int Rank, std::ptrdiff_t Channels>
        constexpr auto add_bias(auto&& y, const auto& bias)
        {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(bias)>, no_parameter>)
                return std::forward<decltype(y)>(y);
            else
                return [&]<int... Axis>(std::integer_sequence<int, Axis...>)
                {
                    return std::forward<decltype(y)>(y) + reshape<Channels, (Axis * 0 + 1)...>(bias);
                }(std::make_integer_sequence<int, Rank>{});
        }
    }

    /// A convolution over Rank axes, x [batch, In, ..] to [batch, Out, ..]: weight [Out, In / groups, Kernel..].
    /// Starts as in PyTorch: weight and bias uniform within 1 / sqrt(In / groups * taps).
    template <int Rank, std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    struct conv
    {
        static constexpr std::ptrdiff_t inputs = In / Options.groups * detail::tap_count<Rank>(Kernel);

        parameter<T, shape_type<detail::conv_weight_shape<Rank, Kernel, Out, In / Options.groups>()>> weight{
            kaiming_uniform(inputs, 0.57735026918962576)};
        std::conditional_t<Options.bias, parameter<T, extents<Out>>, detail::no_parameter> bias{
            kaiming_uniform(inputs, 0.57735026918962576)};

        constexpr auto operator()(tensor auto&& x) const
        {
            static_assert(In % Options.groups == 0, "xgrad::conv: the groups must divide the input channels");
            return detail::add_bias<Rank, Out>(convolution<Options>(std::forward<decltype(x)>(x), weight), bias);
        }
    };

    /// A transposed convolution over Rank axes, x [batch, In, ..] to [batch, Out, ..]: weight [In, Out / groups, Kernel..].
    /// Starts as in PyTorch: weight and bias uniform within 1 / sqrt(Out / groups * taps).
    template <int Rank, std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    struct conv_transpose
    {
        static constexpr std::ptrdiff_t inputs = Out / Options.groups * detail::tap_count<Rank>(Kernel);

        parameter<T, shape_type<detail::conv_weight_shape<Rank, Kernel, In, Out / Options.groups>()>> weight{
            kaiming_uniform(inputs, 0.57735026918962576)};
        std::conditional_t<Options.bias, parameter<T, extents<Out>>, detail::no_parameter> bias{
            kaiming_uniform(inputs, 0.57735026918962576)};

        constexpr auto operator()(tensor auto&& x) const
        {
            static_assert(Out % Options.groups == 0, "xgrad::conv_transpose: the groups must divide the output channels");
            return detail::add_bias<Rank, Out>(convolution_transpose<Options>(std::forward<decltype(x)>(x), weight), bias);
        }
    };

    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv1d = conv<1, In, Out, Kernel, Options, T>;
    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv2d = conv<2, In, Out, Kernel, Options, T>;
    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv3d = conv<3, In, Out, Kernel, Options, T>;
    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv_transpose1d = conv_transpose<1, In, Out, Kernel, Options, T>;
    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv_transpose2d = conv_transpose<2, In, Out, Kernel, Options, T>;
    template <std::ptrdiff_t In, std::ptrdiff_t Out, per_axis Kernel, conv_options Options = conv_options{},
              element_type T = float>
    using conv_transpose3d = conv_transpose<3, In, Out, Kernel, Options, T>;
}
