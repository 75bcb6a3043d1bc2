// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../row.hpp"
#include "../tasks/mlp.hpp"
#include "share.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace bench
{
    /// Copies the parameters that everybody starts from.
    template <class Network>
    void copy_parameters(const perceptron& work, Network& net)
    {
        const auto spans = net.spans();
        for (std::size_t i = 0; i < spans.size(); ++i)
            std::copy(work.parameters[i].begin(), work.parameters[i].end(), reinterpret_cast<float*>(spans[i].data));
    }

    /// A rank 2 view of the batch.
    inline auto images_of(const perceptron& work)
    {
        const std::array<std::size_t, 2> shape{static_cast<std::size_t>(work.shape.batch),
                                               static_cast<std::size_t>(work.shape.sizes[0])};
        return xt::adapt(work.images.data(), work.images.size(), xt::no_ownership(), shape);
    }

    /// A network and its training step, which can go back to the start.
    template <class Model, int Batch, int Inputs>
    struct perceptron_trainer
    {
        static constexpr auto loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };
        using images = xg::batch<Batch, float, Inputs>;
        using labels = xg::batch<Batch, std::int32_t>;
        using network_type = decltype(xg::network<Model>());
        using step_type = decltype(xg::training_step<images, labels>(std::declval<network_type&>(), loss, xg::adam{}));

        network_type net = xg::network<Model>();
        step_type step = xg::training_step<images, labels>(net, loss, xg::adam{.learning_rate = 1e-3});
        typename step_type::state_type state = step.state();
        float last_loss = 0;

        perceptron_trainer() { share(step); }

        void restart(const perceptron& work)
        {
            copy_parameters(work, net);
            for (const auto& span : state.spans)
                std::fill_n(reinterpret_cast<float*>(span.data), span.extents.size(), 0.f);
            state.random.step = 0;
        }
    };

    /// Adds a training row of a model.
    template <class Model, int Batch, int Inputs>
    bool add_training_row(const std::string& name, const std::vector<int>& sizes, activation between)
    {
        const perceptron_shape shape{sizes, Batch};
        const auto ours = [](const std::shared_ptr<const perceptron_training>& work) -> contestant
        {
            using trainer = perceptron_trainer<Model, Batch, Inputs>;
            auto t = std::make_shared<trainer>();
            return {"xgrad", [work, t, images = images_of(*work)] { t->last_loss = t->step(images, work->labels); },
                    [t] { return std::vector<float>{t->last_loss}; }, [work, t] { t->restart(*work); }};
        };
        // parameters and both moments are read and written; gradients need not leave the cache
        return add_row(
            {.name = name,
             .kind = kind::training,
             .flops = shape.training_flops(),
             .bytes = 6 * 4 * shape.parameters() + shape.batch_bytes(),
             .working_set = 4 * 4 * shape.parameters() + shape.batch_bytes(),
             .traffic = traffic::update,
             .tolerance = 1e-4,
             .compared_runs = 10,
             .shares = can_share,
             .contestants = contest<perceptron_training>(ours, [=] { return perceptron_training(shape, between); })});
    }
}
