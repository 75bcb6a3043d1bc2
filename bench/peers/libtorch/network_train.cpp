// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/network.hpp"
#include "networks.hpp"
#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;
    using parameters = std::vector<torch::Tensor>;
    using maker_of_optimizers = std::function<std::unique_ptr<torch::optim::Optimizer>(parameters)>;

    template <class Net>
    struct trainer
    {
        std::shared_ptr<Net> net = std::make_shared<Net>();
        maker_of_optimizers make_optimizer;
        std::unique_ptr<torch::optim::Optimizer> optimizer{};
        torch::Tensor images, labels;
        float last_loss = 0;

        trainer(const bench::network_training& work, maker_of_optimizers make)
            : make_optimizer(std::move(make)),
              images(
                  borrowed(work.images.values, {work.images.batch, work.images.channels, work.images.side, work.images.side})),
              labels(torch::tensor(work.labels, torch::kInt64))
        {
        }

        void step()
        {
            net->zero_grad(true);
            const torch::Tensor loss = torch::cross_entropy_loss(net->forward(images), labels);
            loss.backward();
            optimizer->step();
            last_loss = loss.template item<float>();
        }

        void restart(const bench::network_training& work)
        {
            const torch::NoGradGuard no_gradients;
            const auto trained = net->named_parameters(), states = net->named_buffers();
            for (const auto& [name, values] : work.start)
            {
                torch::Tensor to = trained.contains(name) ? trained[name] : states[name];
                to.copy_(borrowed(values, to.sizes().vec()));
            }
            optimizer = make_optimizer(net->parameters());
        }
    };

    template <class Work, class Net>
    bool add(const maker_of_optimizers& make)
    {
        return bench::add_peer<Work>(
            [make](const std::shared_ptr<const Work>& work) -> bench::contestant
            {
                auto t = std::make_shared<trainer<Net>>(*work, make);
                return {"LibTorch", [work, t] { t->step(); }, [t] { return std::vector<float>{t->last_loss}; },
                        [work, t] { t->restart(*work); }};
            });
    }

    std::unique_ptr<torch::optim::Optimizer> adam(parameters all)
    {
        return std::make_unique<torch::optim::Adam>(std::move(all), torch::optim::AdamOptions(1e-3));
    }

    std::unique_ptr<torch::optim::Optimizer> gradient_descent(parameters all)
    {
        return std::make_unique<torch::optim::SGD>(std::move(all), torch::optim::SGDOptions(1e-3).momentum(0.9));
    }

    const bool known = add<bench::lenet_training, lenet>(adam) && add<bench::cnn_training, cnn>(adam) &&
                       add<bench::resnet18_training, resnet18>(gradient_descent);
}
