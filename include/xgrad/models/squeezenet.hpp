// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/dropout_layer.hpp>
#include <xgrad/nn/functions.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/op/concatenate.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// Squeeze to few channels, then look at them with 1x1 and 3x3 convolutions side by side.
    template <std::ptrdiff_t In, std::ptrdiff_t Squeeze, std::ptrdiff_t Expand, class T>
    struct fire
    {
        conv2d<In, Squeeze, 1, conv_options{}, T> squeeze;
        conv2d<Squeeze, Expand, 1, conv_options{}, T> expand1x1;
        conv2d<Squeeze, Expand, 3, conv_options{.padding = 1}, T> expand3x3;

        constexpr auto operator()(tensor auto&& x) const
        {
            auto h = relu(squeeze(std::forward<decltype(x)>(x)));
            return concatenate<1>(relu(expand1x1(h)), relu(expand3x3(h)));
        }
    };

    /// SqueezeNet 1.0 (Iandola et al. 2016) with torchvision's names and numerics: x [batch, 3, H, W] to logits
    /// [batch, Classes].
    template <std::ptrdiff_t Classes, class T>
    struct squeezenet_model
    {
        using pool = nn::max_pool<3, pool_options{.stride = 2, .ceil_mode = true}>;

        sequential<conv2d<3, 96, 7, conv_options{.stride = 2}, T>, nn::relu, pool, //
                   fire<96, 16, 64, T>, fire<128, 16, 64, T>, fire<128, 32, 128, T>, pool, fire<256, 32, 128, T>,
                   fire<256, 48, 192, T>, fire<384, 48, 192, T>, fire<384, 64, 256, T>, pool, fire<512, 64, 256, T>>
            features;
        sequential<nn::dropout, conv2d<512, Classes, 1, conv_options{}, T>, nn::relu> classifier;

        constexpr auto operator()(auto x) const { return global_avg_pool(classifier(features(x))); }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto squeezenet(std::uint64_t seed = 0)
    {
        return network<squeezenet_model<Classes, T>>(seed);
    }
}
