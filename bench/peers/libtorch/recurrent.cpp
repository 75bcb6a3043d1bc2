// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/recurrent.hpp"

#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;
    using bench::letters;

    torch::Tensor labels(const std::vector<std::int32_t>& x)
    {
        return torch::tensor(x, torch::kInt64).reshape({letters::time, letters::batch});
    }

    /// What the layer's way and the plain loop share.
    template <class Recurrent>
    struct reader
    {
        torch::nn::Embedding letter{letters::alphabet, letters::width};
        Recurrent recurrent{letters::width, letters::width};
        torch::nn::Linear next{letters::width, letters::alphabet};
        std::vector<torch::Tensor> parameters;
        std::unique_ptr<torch::optim::Adam> optimizer;
        torch::Tensor text, following;
        float last_loss = 0;

        explicit reader(const letters& work) : text(labels(work.text)), following(labels(work.following))
        {
            for (const auto& part : {letter->parameters(), recurrent->parameters(), next->parameters()})
                parameters.insert(parameters.end(), part.begin(), part.end());
        }

        void restart(const letters& work)
        {
            const torch::NoGradGuard no_gradients;
            for (std::size_t i = 0; i < parameters.size(); ++i)
                parameters[i].copy_(borrowed(work.parameters[i], parameters[i].sizes().vec()));
            optimizer = std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(1e-3));
        }

        torch::Tensor loss();

        void step()
        {
            optimizer->zero_grad();
            const torch::Tensor value = loss();
            value.backward();
            optimizer->step();
            last_loss = value.item<float>();
        }
    };

    template <>
    torch::Tensor reader<torch::nn::LSTM>::loss()
    {
        const torch::Tensor h = std::get<0>(recurrent->forward(letter->forward(text)));
        return torch::cross_entropy_loss(next->forward(h).reshape({-1, letters::alphabet}), following.reshape({-1}));
    }

    template <>
    torch::Tensor reader<torch::nn::LSTMCell>::loss()
    {
        torch::Tensor h = torch::zeros({letters::batch, letters::width}), c = h, total = torch::zeros({});
        for (std::int64_t t = 0; t < letters::time; ++t)
        {
            std::tie(h, c) = recurrent->forward(letter->forward(text[t]), std::tuple(h, c));
            total = total + torch::cross_entropy_loss(next->forward(h), following[t]);
        }
        return total / static_cast<double>(letters::time);
    }

    template <class Recurrent, class Work>
    bench::contestant reader_contestant(const std::shared_ptr<const Work>& work, const std::string& name = "LibTorch")
    {
        auto r = std::make_shared<reader<Recurrent>>(*work);
        return {name, [work, r] { r->step(); }, [r] { return std::vector<float>{r->last_loss}; },
                [work, r] { r->restart(*work); }};
    }

    /// The row of the layer, too, is compared with a loop.
    bench::contestant other_way(const std::shared_ptr<const bench::letters_layer>& work)
    {
        return reader_contestant<torch::nn::LSTMCell>(work, "LibTorch loop");
    }

    bench::contestant small_contestant(const std::shared_ptr<const bench::small_loop>& work)
    {
        constexpr std::int64_t width = bench::small_loop::width, time = bench::small_loop::time;
        torch::nn::RNNCell cell(width, width);
        {
            const torch::NoGradGuard no_gradients;
            const auto parameters = cell->parameters();
            for (std::size_t i = 0; i < parameters.size(); ++i)
                parameters[i].copy_(borrowed(work->parameters[i], parameters[i].sizes().vec()));
        }
        return {"LibTorch",
                [=, x = borrowed(work->x, {time, 1, width})]() mutable
                {
                    torch::Tensor h = torch::zeros({1, width});
                    for (std::int64_t t = 0; t < time; ++t)
                        h = cell->forward(x[t], h);
                    cell->zero_grad();
                    h.square().sum().backward();
                },
                [=] { return numbers_of(cell->weight_hh.grad()); }};
    }

    bench::contestant sums(const std::shared_ptr<const bench::many_sums>&)
    {
        const torch::Tensor x = torch::full({1}, 0.5f, torch::requires_grad());
        auto last = std::make_shared<torch::Tensor>();
        return {"LibTorch",
                [=]
                {
                    torch::Tensor h = x * 1.f;
                    for (int i = 0; i < bench::many_sums::count; ++i)
                        h = h + x;
                    *last = h;
                },
                [=] { return numbers_of(last->detach()); }};
    }

    template <class Cell, class Work>
    bench::contestant stream_contestant(const std::shared_ptr<const Work>& work)
    {
        struct runner
        {
            Cell cell;
            torch::nn::Linear output;
            torch::Tensor h, c;
            float last = 0;
            std::size_t at = 0;

            void step(const bench::stream& of)
            {
                const c10::InferenceMode no_gradients;
                const torch::Tensor x = torch::full({1, 1}, of.samples[at]);
                if constexpr (std::is_same_v<Cell, torch::nn::LSTMCell>)
                    std::tie(h, c) = cell->forward(x, std::tuple(h, c));
                else
                    h = cell->forward(x, h);
                last = output->forward(h).template item<float>();
                at = (at + 1) % of.samples.size();
            }
        };
        const std::int64_t width = work->width;
        auto r = std::make_shared<runner>(runner{Cell(1, width), torch::nn::Linear(width, 1), {}, {}});
        const auto prepare = [work, r, width]
        {
            const torch::NoGradGuard no_gradients;
            auto parameters = r->cell->parameters();
            for (const auto& p : r->output->parameters())
                parameters.push_back(p);
            for (std::size_t i = 0; i < parameters.size(); ++i)
                parameters[i].copy_(borrowed(work->parameters[i], parameters[i].sizes().vec()));
            r->h = r->c = torch::zeros({1, width});
            r->at = 0;
        };
        return {"LibTorch", [work, r] { r->step(*work); }, [r] { return std::vector<float>{r->last}; }, prepare};
    }

    const bool known =
        bench::add_peer<bench::lstm_stream>(stream_contestant<torch::nn::LSTMCell, bench::lstm_stream>) &&
        bench::add_peer<bench::gru_stream>(stream_contestant<torch::nn::GRUCell, bench::gru_stream>) &&
        bench::add_peer<bench::letters_layer>([](const auto& work) { return reader_contestant<torch::nn::LSTM>(work); }) &&
        bench::add_peer<bench::letters_layer>(other_way) &&
        bench::add_peer<bench::letters_loop>([](const auto& work) { return reader_contestant<torch::nn::LSTMCell>(work); }) &&
        bench::add_peer<bench::small_loop>(small_contestant) && bench::add_peer<bench::many_sums>(sums);
}
