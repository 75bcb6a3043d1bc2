// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/network.hpp"
#include "tensor.hpp"

#include <torch/script.h>

namespace
{
    using namespace bench::libtorch;

    // TorchScript with batch norms folded and weights in oneDNN's layouts: 79 ms where modules take 97 (resnet50), 8.7 where
    // they take 18 (mobilenet_v2).
    const bool known = bench::add_peer<bench::network_prediction>(
        [](const std::shared_ptr<const bench::network_prediction>& work) -> bench::contestant
        {
            if (!work->was_exported())
                return {};
            auto traced = torch::jit::load(work->file("pt").string());
            traced.eval();
            auto net = std::make_shared<torch::jit::Module>(torch::jit::optimize_for_inference(traced));
            auto logits = std::make_shared<torch::Tensor>();
            const auto& x = work->images;
            const torch::Tensor image = borrowed(x.values, {x.batch, x.channels, x.side, x.side});
            const auto run = [work, net, logits, image]
            {
                const torch::InferenceMode no_gradients;
                *logits = net->forward({image}).toTensor();
            };
            for (int i = 0; i < 3; ++i)
                run(); // it looks at its first runs and compiles itself anew
            return {"LibTorch", run, [logits] { return numbers_of(*logits); }};
        });
}
