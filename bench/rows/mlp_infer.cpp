// SPDX-License-Identifier: BSD-3-Clause
#include "mlp_row.hpp"

#include <optional>

namespace
{
    struct classifier
    {
        xg::linear<784, 256> hidden1;
        xg::linear<256, 128> hidden2;
        xg::linear<128, 10> output;
        constexpr auto operator()(auto x) const { return output(relu(hidden2(relu(hidden1(x))))); }
    };

    using image = xg::input<float, 1, 784>;
    struct predictor
    {
        using network_type = decltype(xg::network<classifier>());
        using program_type = decltype(xg::prediction<image>(std::declval<network_type&>()));
        network_type net = xg::network<classifier>();
        program_type predict = xg::prediction<image>(net);
        const float* logits = nullptr;
    };

    bench::contestant ours(const std::shared_ptr<const bench::perceptron_prediction>& work)
    {
        auto p = std::make_shared<predictor>();
        bench::copy_parameters(*work, p->net);
        return {"xgrad", [work, p, x = bench::images_of(*work)] { p->logits = p->predict(x).data(); },
                [p] { return std::vector<float>(p->logits, p->logits + 10); }};
    }

    const bench::perceptron_shape shape{{784, 256, 128, 10}, 1};
    const double bytes = 4 * shape.parameters() + shape.batch_bytes();
    const bool known = bench::add_row({.name = "mlp_infer_784_256_128_10_b1",
                                       .kind = bench::kind::prediction,
                                       .flops = shape.prediction_flops(),
                                       .bytes = bytes,
                                       .working_set = bytes,
                                       .traffic = bench::traffic::read,
                                       .contestants = bench::contest<bench::perceptron_prediction>(
                                           ours, [] { return bench::perceptron_prediction(shape, bench::activation::relu); })});
}
