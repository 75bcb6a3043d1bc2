// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/dropout_layer.hpp>
#include <xgrad/nn/functions.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// Count 3x3 convolutions of one width, each with its activation, and the pooling that halves the image, as one
    /// flat list of layers.
    template <std::ptrdiff_t In, std::ptrdiff_t Width, int Count, class T, class... Before>
    struct vgg_layers
        : vgg_layers<Width, Width, Count - 1, T, Before..., conv2d<In, Width, 3, conv_options{.padding = 1}, T>, nn::relu>
    {
    };
    template <std::ptrdiff_t In, std::ptrdiff_t Width, class T, class... Before>
    struct vgg_layers<In, Width, 0, T, Before...>
    {
        template <std::ptrdiff_t NextWidth, int Count>
        using then = vgg_layers<Width, NextWidth, Count, T, Before..., nn::max_pool<2>>;
        using type = sequential<Before..., nn::max_pool<2>>;
    };

    /// Very deep networks of 3x3 convolutions (Simonyan and Zisserman 2014) with torchvision's names and numerics: x
    /// [batch, 3, H, W] to logits [batch, Classes].
    template <int A, int B, int C, int D, int E, std::ptrdiff_t Classes, class T>
    struct vgg
    {
        template <std::ptrdiff_t Width, int Count>
        using begin = vgg_layers<3, Width, Count, T>;
        using layers =
            typename begin<64, A>::template then<128, B>::template then<256, C>::template then<512, D>::template then<512, E>;

        typename layers::type features;
        sequential<linear<512 * 7 * 7, 4096, T>, nn::relu, nn::dropout, //
                   linear<4096, 4096, T>, nn::relu, nn::dropout, linear<4096, Classes, T>>
            classifier;

        constexpr auto operator()(auto x) const { return classifier(flatten(adaptive_avg_pool<7>(features(x)))); }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto vgg11(std::uint64_t seed = 0)
    {
        return network<vgg<1, 1, 2, 2, 2, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto vgg16(std::uint64_t seed = 0)
    {
        return network<vgg<2, 2, 3, 3, 3, Classes, T>>(seed);
    }
}
