// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/models/resnet.hpp>
#include <xgrad/op/slice.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// Two 3x3 convolutions; what carries x past them has no weights (option A): every second pixel, with channels of zeros on
    /// either side.
    template <std::ptrdiff_t In, std::ptrdiff_t Width, int Stride, class T>
    struct cifar_block
    {
        static constexpr std::ptrdiff_t outputs = Width;
        plain_conv2d<In, Width, 3, Stride, T> conv1;
        batch_norm<Width, T> bn1;
        plain_conv2d<Width, Width, 3, 1, T> conv2;
        batch_norm<Width, T> bn2;

        constexpr auto operator()(auto x) const
        {
            auto h = relu(bn1(conv1(x)));
            return relu(bn2(conv2(h)) + past(x));
        }

    private:
        static constexpr auto past(const auto& x)
        {
            if constexpr (Stride == 1 && In == Width)
                return x;
            else
                return named(unslice<1, (Width - In) / 2, Width>(max_pool<1, pool_options{.stride = Stride}>(x)));
        }
    };

    /// The residual networks for CIFAR-10 (He, Zhang, Ren and Sun 2015, section 4.2) of 6 Blocks + 2 layers: x
    /// [batch, 3, 32, 32] to logits [batch, Classes].
    template <std::size_t Blocks, std::ptrdiff_t Classes, class T>
    struct cifar_resnet
    {
        plain_conv2d<3, 16, 3, 1, T> conv1;
        batch_norm<16, T> bn1;
        residual_stage<cifar_block, 16, 16, 1, Blocks, T> layer1;
        residual_stage<cifar_block, 16, 32, 2, Blocks, T> layer2;
        residual_stage<cifar_block, 32, 64, 2, Blocks, T> layer3;
        xgrad::linear<64, Classes, T> linear;

        constexpr auto operator()(auto x) const
        {
            return linear(global_avg_pool(layer3(layer2(layer1(named(relu(bn1(conv1(x)))))))));
        }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 10>
    auto resnet20(std::uint64_t seed = 0)
    {
        return network<cifar_resnet<3, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 10>
    auto resnet32(std::uint64_t seed = 0)
    {
        return network<cifar_resnet<5, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 10>
    auto resnet44(std::uint64_t seed = 0)
    {
        return network<cifar_resnet<7, Classes, T>>(seed);
    }
    template <element_type T = float, std::ptrdiff_t Classes = 10>
    auto resnet56(std::uint64_t seed = 0)
    {
        return network<cifar_resnet<9, Classes, T>>(seed);
    }
}
