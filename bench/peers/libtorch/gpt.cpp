// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/gpt.hpp"

#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;
    using work_type = bench::gpt_training;
    constexpr std::int64_t width = work_type::width, heads = work_type::heads, length = work_type::time;

    struct block : torch::nn::Module
    {
        torch::nn::LayerNorm norm1{torch::nn::LayerNormOptions({width})}, norm2{torch::nn::LayerNormOptions({width})};
        torch::nn::Linear query_key_value{width, 3 * width}, projection{width, width}, up{width, 4 * width},
            down{4 * width, width};

        block()
        {
            register_module("norm1", norm1);
            register_module("query_key_value", query_key_value);
            register_module("projection", projection);
            register_module("norm2", norm2);
            register_module("up", up);
            register_module("down", down);
        }
        torch::Tensor attention(const torch::Tensor& x, const torch::Tensor& ahead)
        {
            const auto parts = query_key_value->forward(x).split(width, -1);
            const auto heads_of = [](const torch::Tensor& part)
            { return part.view({-1, length, heads, width / heads}).transpose(1, 2); };
            const torch::Tensor scores = torch::matmul(heads_of(parts[0]), heads_of(parts[1]).transpose(-2, -1)) *
                                         (1 / std::sqrt(static_cast<double>(width / heads)));
            const torch::Tensor weights = torch::softmax(scores.masked_fill(ahead, -INFINITY), -1);
            const torch::Tensor heard = torch::matmul(weights, heads_of(parts[2])).transpose(1, 2).contiguous();
            return projection->forward(heard.view({-1, length, width}));
        }
        torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& ahead)
        {
            const torch::Tensor h = x + attention(norm1->forward(x), ahead);
            return h + down->forward(torch::gelu(up->forward(norm2->forward(h))));
        }
    };

    struct gpt
    {
        torch::nn::Embedding letter{work_type::alphabet, width};
        torch::Tensor position = torch::zeros({length, width}, torch::requires_grad());
        std::vector<std::shared_ptr<block>> blocks;
        torch::nn::LayerNorm norm{torch::nn::LayerNormOptions({width})};
        torch::nn::Linear next{width, work_type::alphabet};
        torch::Tensor ahead = torch::ones({length, length}, torch::kBool).triu(1), text, following;
        std::vector<torch::Tensor> parameters;
        std::unique_ptr<torch::optim::AdamW> optimizer;
        float last_loss = 0;

        explicit gpt(const work_type& work)
        {
            const auto table = [](const std::vector<std::int32_t>& x)
            { return torch::tensor(x, torch::kInt64).reshape({work_type::batch, length}); };
            text = table(work.text);
            following = table(work.following);
            const auto add = [this](const std::vector<torch::Tensor>& own)
            { parameters.insert(parameters.end(), own.begin(), own.end()); };
            add(letter->parameters());
            parameters.push_back(position);
            for (int k = 0; k < work_type::blocks; ++k)
            {
                blocks.push_back(std::make_shared<block>());
                add(blocks.back()->parameters());
            }
            add(norm->parameters());
            add(next->parameters());
        }
        void restart(const work_type& work)
        {
            const torch::NoGradGuard no_gradients;
            for (std::size_t i = 0; i < parameters.size(); ++i)
                parameters[i].copy_(borrowed(work.parameters[i], parameters[i].sizes().vec()));
            optimizer = std::make_unique<torch::optim::AdamW>(
                parameters, torch::optim::AdamWOptions(work_type::learning_rate).weight_decay(work_type::weight_decay));
        }
        void step()
        {
            optimizer->zero_grad();
            torch::Tensor x = letter->forward(text) + position;
            for (const auto& each : blocks)
                x = each->forward(x, ahead);
            const torch::Tensor logits = next->forward(norm->forward(x));
            const torch::Tensor loss = torch::cross_entropy_loss(logits.view({-1, work_type::alphabet}), following.view({-1}));
            loss.backward();
            optimizer->step();
            last_loss = loss.item<float>();
        }
    };

    bench::contestant contestant(const std::shared_ptr<const work_type>& work)
    {
        auto g = std::make_shared<gpt>(*work);
        return {"LibTorch", [g] { g->step(); }, [g] { return std::vector<float>{g->last_loss}; },
                [g, work] { g->restart(*work); }};
    }

    const bool known = bench::add_peer<work_type>(contestant);
}
