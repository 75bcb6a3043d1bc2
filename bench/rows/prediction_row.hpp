// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "network_row.hpp"
#include "share.hpp"

#include <xgrad/io/checkpoint.hpp>

namespace bench
{
    /// Adds a row of one prediction of a network that torchvision knows by this name; its weights are those that were
    /// exported, or where nothing was, random ones that nobody else has.
    template <class Network>
    bool add_prediction_row(const std::string& network, Network (*make)(std::uint64_t))
    {
        using photo = xg::input<float, 1, 3, 224, 224>;
        struct predictor
        {
            Network net;
            decltype(xg::prediction<photo>(std::declval<Network&>(), xg::frozen)) predict =
                xg::prediction<photo>(net, xg::frozen);
            std::vector<float> logits{};
        };
        const auto ours = [make](const std::shared_ptr<const network_prediction>& work) -> contestant
        {
            const std::shared_ptr<predictor> p(new predictor{make(1)});
            if (work->was_exported())
                xg::load(p->net, work->file("safetensors"));
            p->predict.refresh();
            share(p->predict);
            return {"xgrad",
                    [work, p, image = view_of(work->images)]
                    {
                        const auto logits = p->predict(image);
                        p->logits.assign(logits.begin(), logits.end());
                    },
                    [p] { return p->logits; }};
        };
        const double bytes = 4. * static_cast<double>(Network::parameter_count()) + 4 * 3 * 224 * 224;
        const auto& graph = decltype(predictor::predict)::graph;
        return add_row({.name = network + "_infer_b1_224",
                        .kind = kind::prediction,
                        .flops = static_cast<double>(graph.view().flops()),
                        .bytes = bytes,
                        .working_set = bytes,
                        .traffic = traffic::read,
                        .shares = can_share,
                        .contestants = contest<network_prediction>(ours, [network] { return network_prediction{network}; })});
    }
}
