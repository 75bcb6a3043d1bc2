// SPDX-License-Identifier: BSD-3-Clause
#include "mlp.hpp"

namespace
{
    using namespace bench::libtorch;

    struct trainer
    {
        torch::nn::Sequential net;
        torch::optim::Adam optimizer;
        torch::Tensor images, labels;
        float last_loss = 0;

        explicit trainer(const bench::perceptron& work)
            : net(make_perceptron(work)), optimizer(net->parameters(), torch::optim::AdamOptions(1e-3)),
              images(images_of(work)), labels(torch::tensor(work.labels, torch::kInt64))
        {
        }

        void step()
        {
            optimizer.zero_grad();
            const torch::Tensor loss = torch::cross_entropy_loss(net->forward(images), labels);
            loss.backward();
            optimizer.step();
            last_loss = loss.item<float>();
        }

        void restart(const bench::perceptron& work)
        {
            copy_parameters(work, net);
            for (const auto& entry : optimizer.state())
            {
                auto& state = static_cast<torch::optim::AdamParamState&>(*entry.second);
                state.exp_avg().zero_();
                state.exp_avg_sq().zero_();
                state.step(0);
            }
        }
    };

    const bool known = bench::add_peer<bench::perceptron_training>(
        [](const std::shared_ptr<const bench::perceptron_training>& work) -> bench::contestant
        {
            auto t = std::make_shared<trainer>(*work);
            return {"LibTorch", [work, t] { t->step(); }, [t] { return std::vector<float>{t->last_loss}; },
                    [work, t] { t->restart(*work); }};
        });
}
