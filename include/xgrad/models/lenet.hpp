// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/convolution_layer.hpp>
#include <xgrad/nn/linear.hpp>
#include <xgrad/op/max_pool.hpp>
#include <xgrad/op/relu.hpp>
#include <xgrad/plan/network.hpp>

namespace xgrad::inline XGRAD_ABI::models
{
    /// LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998) as it is built today, with relu and max pooling: x [batch, 1, 28, 28]
    /// to logits [batch, Classes].
    template <std::ptrdiff_t Classes, class T>
    struct lenet_model
    {
        conv2d<1, 6, 5, conv_options{}, T> conv1;
        conv2d<6, 16, 5, conv_options{}, T> conv2;
        linear<256, 120, T> fc1;
        linear<120, 84, T> fc2;
        linear<84, Classes, T> fc3;

        constexpr auto operator()(auto image) const
        {
            auto h = max_pool<2>(relu(conv1(image)));
            auto k = max_pool<2>(relu(conv2(h)));
            return fc3(relu(fc2(relu(fc1(flatten(k))))));
        }
    };

    template <element_type T = float, std::ptrdiff_t Classes = 10>
    auto lenet(std::uint64_t seed = 0)
    {
        return network<lenet_model<Classes, T>>(seed);
    }
}
