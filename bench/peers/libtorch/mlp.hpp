// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../../tasks/mlp.hpp"
#include "tensor.hpp"

namespace bench::libtorch
{
    /// Linear layers with activations between them.
    inline torch::nn::Sequential make_perceptron(const perceptron& work)
    {
        torch::nn::Sequential net;
        for (std::size_t i = 1; i < work.shape.sizes.size(); ++i)
        {
            if (i > 1 && work.activation == activation::relu)
                net->push_back(torch::nn::ReLU());
            else if (i > 1)
                net->push_back(torch::nn::Tanh());
            net->push_back(torch::nn::Linear(work.shape.sizes[i - 1], work.shape.sizes[i]));
        }
        return net;
    }

    /// Copies the parameters that everybody starts from.
    inline void copy_parameters(const perceptron& work, torch::nn::Sequential net)
    {
        const torch::NoGradGuard no_gradients;
        const auto parameters = net->parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i)
            parameters[i].copy_(borrowed(work.parameters[i], parameters[i].sizes().vec()));
    }

    inline torch::Tensor images_of(const perceptron& work)
    {
        return borrowed(work.images, {work.shape.batch, work.shape.sizes[0]});
    }
}
