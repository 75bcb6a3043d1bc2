// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/dropout_layer.hpp>
#include <xgrad/nn/functions.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// Convolution, batch norm and relu6; depthwise with as many groups as channels.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Kernel, int Stride, int Groups, class T>
    using conv_norm_relu6 = sequential<
        conv2d<In, Out, Kernel, conv_options{.stride = Stride, .padding = Kernel / 2, .groups = Groups, .bias = false}, T>,
        batch_norm<Out, T>, nn::relu6>;

    /// Widen by a 1x1 convolution, filter every channel on its own, narrow without an activation; with the input added where
    /// the shape stays.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Stride, int Expand, class T>
    struct inverted_residual
    {
        static constexpr std::ptrdiff_t wide = In * Expand;
        using depthwise = conv_norm_relu6<wide, wide, 3, Stride, wide, T>;
        using narrow = conv2d<wide, Out, 1, conv_options{.bias = false}, T>;
        std::conditional_t<Expand == 1, sequential<depthwise, narrow, batch_norm<Out, T>>,
                           sequential<conv_norm_relu6<In, wide, 1, 1, 1, T>, depthwise, narrow, batch_norm<Out, T>>>
            conv;

        constexpr auto operator()(auto x) const
        {
            if constexpr (Stride == 1 && In == Out)
                return named(conv(x) + x);
            else
                return named(conv(x));
        }
    };

    /// MobileNet v2 (Sandler, Howard, Zhu, Zhmoginov and Chen 2018) with torchvision's names and numerics: x [batch, 3, H, W]
    /// to logits [batch, Classes].
    template <std::ptrdiff_t Classes, class T>
    struct mobilenet_v2_model
    {
        template <std::ptrdiff_t In, std::ptrdiff_t Out, int Stride, int Expand = 6>
        using block = inverted_residual<In, Out, Stride, Expand, T>;

        sequential<conv_norm_relu6<3, 32, 3, 2, 1, T>,                                     //
                   block<32, 16, 1, 1>,                                                    //
                   block<16, 24, 2>, block<24, 24, 1>,                                     //
                   block<24, 32, 2>, block<32, 32, 1>, block<32, 32, 1>,                   //
                   block<32, 64, 2>, block<64, 64, 1>, block<64, 64, 1>, block<64, 64, 1>, //
                   block<64, 96, 1>, block<96, 96, 1>, block<96, 96, 1>,                   //
                   block<96, 160, 2>, block<160, 160, 1>, block<160, 160, 1>,              //
                   block<160, 320, 1>,                                                     //
                   conv_norm_relu6<320, 1280, 1, 1, 1, T>>
            features;
        sequential<nn::dropout, linear<1280, Classes, T>> classifier{{0.2}, {}};

        constexpr auto operator()(auto x) const { return classifier(global_avg_pool(features(x))); }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto mobilenet_v2(std::uint64_t seed = 0)
    {
        return network<mobilenet_v2_model<Classes, T>>(seed);
    }
}
