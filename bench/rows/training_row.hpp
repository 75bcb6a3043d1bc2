// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "network_row.hpp"
#include "share.hpp"

namespace bench
{
    /// A network and its training step, which can go back to the start.
    template <class Model, class Optimizer, int Batch, int Channels, int Side>
    struct network_trainer
    {
        static constexpr auto loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };
        using images_type = xg::batch<Batch, float, Channels, Side, Side>;
        using labels_type = xg::batch<Batch, std::int32_t>;
        using network_type = decltype(xg::network<Model>());
        using step_type =
            decltype(xg::training_step<images_type, labels_type>(std::declval<network_type&>(), loss, Optimizer{}));

        network_type net = xg::network<Model>(1);
        step_type step;
        typename step_type::state_type state = step.state();
        float last_loss = 0;

        explicit network_trainer(const Optimizer& optimizer)
            : step(xg::training_step<images_type, labels_type>(net, loss, optimizer))
        {
            share(step);
        }

        std::vector<named_numbers> start()
        {
            std::vector<named_numbers> tensors;
            for (const auto& span : net.spans())
            {
                const auto* const from = reinterpret_cast<const float*>(span.data);
                tensors.push_back({span.name, numbers(from, from + span.extents.size())});
            }
            return tensors;
        }

        void restart(const network_training& work)
        {
            const auto spans = net.spans();
            for (std::size_t i = 0; i < spans.size(); ++i)
                std::copy(work.start[i].values.begin(), work.start[i].values.end(), reinterpret_cast<float*>(spans[i].data));
            for (const auto& span : state.spans)
                std::fill_n(reinterpret_cast<float*>(span.data), span.extents.size(), 0.f);
            state.random.step = 0;
        }
    };

    /// What tells the rows of networks apart.
    template <class Optimizer>
    struct training_settings
    {
        std::string name;
        Optimizer optimizer;
        int classes;
        /// Elements that the first layer makes of an image, for each of its channels.
        double first_outputs;
        /// After some steps rounding tells: LibTorch's own losses in float and in double differ by 1e-3 after four steps of a
        /// residual network.
        int compared_runs = 10;
        double tolerance = 1e-4;
    };

    /// Adds a training row of a model of images.
    template <class Work, class Model, int Batch, int Channels, int Side, class Optimizer>
    bool add_network_row(const training_settings<Optimizer>& with)
    {
        using trainer = network_trainer<Model, Optimizer, Batch, Channels, Side>;
        const auto ours = [with](const std::shared_ptr<const Work>& work) -> contestant
        {
            auto t = std::make_shared<trainer>(with.optimizer);
            return {"xgrad", [work, t, images = view_of(work->images)] { t->last_loss = t->step(images, work->labels); },
                    [t] { return std::vector<float>{t->last_loss}; }, [work, t] { t->restart(*work); }};
        };
        const auto make_work = [with]
        { return Work(images{Batch, Channels, Side}, with.classes, trainer(with.optimizer).start()); };
        using prediction =
            xg::function_builder<xg::model_call, typename trainer::network_type::source_type, typename trainer::images_type>;
        const auto forward = static_cast<double>(xg::graph_of<prediction>.view().flops());
        constexpr const auto& layout = trainer::network_type::layout;
        const auto parameters = static_cast<double>(layout.parameter_count);
        const double first = 2. * Batch * with.first_outputs * static_cast<double>(layout.tensors[0].extents.size());
        const double states = static_cast<double>(Optimizer::names.size()), batch_bytes = 4. * Batch * Channels * Side * Side;
        // parameters and moments are read and written; activations and gradients need not leave the cache
        return add_row({.name = with.name,
                        .kind = kind::training,
                        .flops = 3 * forward - first,
                        .bytes = 2 * 4 * (1 + states) * parameters + batch_bytes,
                        .working_set = 4 * (2 + states) * parameters + batch_bytes,
                        .traffic = traffic::update,
                        .tolerance = with.tolerance,
                        .compared_runs = with.compared_runs,
                        .shares = can_share,
                        .contestants = contest<Work>(ours, make_work)});
    }
}
