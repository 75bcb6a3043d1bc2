// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/op/avg_pool.hpp>
#include <xgrad/op/max_pool.hpp>
#include <xgrad/op/relu.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// A convolution without bias, padded so that a stride of 1 keeps the size: what residual networks are made of.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Kernel, int Stride, class T>
    using plain_conv2d = conv2d<In, Out, Kernel, conv_options{.stride = Stride, .padding = Kernel / 2, .bias = false}, T>;

    /// What carries x past a block: x itself, or where the block changes its shape, a strided convolution of it.
    template <std::ptrdiff_t In, std::ptrdiff_t Out, int Stride, class T>
    struct shortcut : std::conditional<Stride == 1 && In == Out, sequential<>,
                                       sequential<plain_conv2d<In, Out, 1, Stride, T>, batch_norm<Out, T>>>
    {
    };

    /// Two 3x3 convolutions.
    template <std::ptrdiff_t In, std::ptrdiff_t Width, int Stride, class T>
    struct basic_block
    {
        static constexpr std::ptrdiff_t outputs = Width;
        plain_conv2d<In, Width, 3, Stride, T> conv1;
        batch_norm<Width, T> bn1;
        plain_conv2d<Width, Width, 3, 1, T> conv2;
        batch_norm<Width, T> bn2;
        typename shortcut<In, outputs, Stride, T>::type downsample;

        constexpr auto operator()(auto x) const
        {
            auto h = relu(bn1(conv1(x)));
            return relu(bn2(conv2(h)) + downsample(x));
        }
    };

    /// 1x1, 3x3 and 1x1 convolutions; the 3x3 one has the stride (version 1.5, which is torchvision's).
    template <std::ptrdiff_t In, std::ptrdiff_t Width, int Stride, class T>
    struct bottleneck
    {
        static constexpr std::ptrdiff_t outputs = 4 * Width;
        plain_conv2d<In, Width, 1, 1, T> conv1;
        batch_norm<Width, T> bn1;
        plain_conv2d<Width, Width, 3, Stride, T> conv2;
        batch_norm<Width, T> bn2;
        plain_conv2d<Width, outputs, 1, 1, T> conv3;
        batch_norm<outputs, T> bn3;
        typename shortcut<In, outputs, Stride, T>::type downsample;

        constexpr auto operator()(auto x) const
        {
            auto h = relu(bn1(conv1(x)));
            auto k = relu(bn2(conv2(h)));
            return relu(bn3(conv3(k)) + downsample(x));
        }
    };

    /// Count blocks, the first of which changes the shape.
    template <template <std::ptrdiff_t, std::ptrdiff_t, int, class> class Block, std::ptrdiff_t In, std::ptrdiff_t Width,
              int Stride, std::size_t Count, class T>
    struct residual_stage
    {
        using first_block = Block<In, Width, Stride, T>;
        static constexpr std::ptrdiff_t outputs = first_block::outputs;
        using block = Block<outputs, Width, 1, T>;
        using sequence_parts =
            decltype(std::tuple_cat(std::declval<std::tuple<first_block>>(), std::declval<std::array<block, Count - 1>>()));
        first_block first;
        std::array<block, Count - 1> rest;

        constexpr auto operator()(auto x) const
        {
            auto h = named(first(x));
            for (const block& next : rest)
                h = next(h);
            return h;
        }
    };

    /// Deep residual networks (He, Zhang, Ren and Sun 2015) with torchvision's names and numerics: x [batch, 3, H, W] to
    /// logits [batch, Classes]; 224 x 224 pixels are what they were made for, others work too.
    template <template <std::ptrdiff_t, std::ptrdiff_t, int, class> class Block, std::size_t A, std::size_t B, std::size_t C,
              std::size_t D, std::ptrdiff_t Classes, class T>
    struct resnet
    {
        plain_conv2d<3, 64, 7, 2, T> conv1;
        batch_norm<64, T> bn1;
        residual_stage<Block, 64, 64, 1, A, T> layer1;
        residual_stage<Block, decltype(layer1)::outputs, 128, 2, B, T> layer2;
        residual_stage<Block, decltype(layer2)::outputs, 256, 2, C, T> layer3;
        residual_stage<Block, decltype(layer3)::outputs, 512, 2, D, T> layer4;
        linear<decltype(layer4)::outputs, Classes, T> fc;

        constexpr auto operator()(auto x) const
        {
            auto h = max_pool<3, pool_options{.stride = 2, .padding = 1}>(relu(bn1(conv1(x))));
            return fc(global_avg_pool(layer4(layer3(layer2(layer1(h))))));
        }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto resnet18(std::uint64_t seed = 0)
    {
        return network<resnet<basic_block, 2, 2, 2, 2, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto resnet34(std::uint64_t seed = 0)
    {
        return network<resnet<basic_block, 3, 4, 6, 3, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto resnet50(std::uint64_t seed = 0)
    {
        return network<resnet<bottleneck, 3, 4, 6, 3, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto resnet101(std::uint64_t seed = 0)
    {
        return network<resnet<bottleneck, 3, 4, 23, 3, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 1000>
    auto resnet152(std::uint64_t seed = 0)
    {
        return network<resnet<bottleneck, 3, 8, 36, 3, Classes, T>>(seed);
    }
}
