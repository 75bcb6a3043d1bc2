// SPDX-License-Identifier: BSD-3-Clause
#include "mlp.hpp"

namespace
{
    using namespace bench::libtorch;

    const bool known = bench::add_peer<bench::perceptron_prediction>(
        [](const std::shared_ptr<const bench::perceptron_prediction>& work) -> bench::contestant
        {
            torch::nn::Sequential net = make_perceptron(*work);
            copy_parameters(*work, net);
            auto logits = std::make_shared<torch::Tensor>();
            return {"LibTorch",
                    [work, net, logits, images = images_of(*work)]() mutable
                    {
                        const torch::InferenceMode no_gradients;
                        *logits = net->forward(images);
                    },
                    [logits] { return numbers_of(*logits); }};
        });
}
