// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/functions.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// Convolution, batch norm and relu6. As TensorFlow pads for an even size: with a stride of 2, one row below and one
    /// column to the right only.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Kernel, int Stride, int Groups, class T>
    struct mobile_layer
    {
        static constexpr conv_options options{.stride = Stride,
                                              .padding = Stride == 1 ? Kernel / 2 : 0,
                                              .padding_end = Kernel / 2,
                                              .groups = Groups,
                                              .bias = false};
        conv2d<In, Out, Kernel, options, T> conv;
        batch_norm<Out, T> norm{.epsilon = 1e-3};

        constexpr auto operator()(tensor auto&& x) const { return nn::relu6{}(norm(conv(std::forward<decltype(x)>(x)))); }
    };

    /// Every channel filtered on its own, then all of them mixed.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Stride, class T>
    struct separable_block
    {
        mobile_layer<In, In, 3, Stride, In, T> depthwise;
        mobile_layer<In, Out, 1, 1, 1, T> pointwise;

        constexpr auto operator()(tensor auto&& x) const { return pointwise(depthwise(std::forward<decltype(x)>(x))); }
    };

    /// MobileNet v1 (Howard et al. 2017), Percent of its full width, with the numerics of its TensorFlow weights: x
    /// [batch, 3, H, W] in [-1, 1] to logits [batch, Classes].
    template <int Percent, std::ptrdiff_t Classes, class T>
    struct mobilenet_v1_model
    {
        static constexpr std::ptrdiff_t wide(std::ptrdiff_t full) { return full * Percent / 100; }
        template <std::ptrdiff_t In, std::ptrdiff_t Out, int Stride>
        using block = separable_block<wide(In), wide(Out), Stride, T>;

        mobile_layer<3, wide(32), 3, 2, 1, T> stem;
        sequential<block<32, 64, 1>, block<64, 128, 2>, block<128, 128, 1>, block<128, 256, 2>, block<256, 256, 1>,
                   block<256, 512, 2>, block<512, 512, 1>, block<512, 512, 1>, block<512, 512, 1>, block<512, 512, 1>,
                   block<512, 512, 1>, block<512, 1024, 2>, block<1024, 1024, 1>>
            blocks;
        linear<wide(1024), Classes, T> classifier;

        constexpr auto operator()(auto x) const { return classifier(global_avg_pool(blocks(stem(x)))); }
    };

    template <int Percent = 100, element_type T = float, std::ptrdiff_t Classes = 1000>
    auto mobilenet_v1(std::uint64_t seed = 0)
    {
        return network<mobilenet_v1_model<Percent, Classes, T>>(seed);
    }
}
