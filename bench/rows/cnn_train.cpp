// SPDX-License-Identifier: BSD-3-Clause
#include "training_row.hpp"

namespace
{
    template <int In, int Out>
    using conv = xg::conv2d<In, Out, 3, xg::conv_options{.padding = 1}>;

    struct cnn
    {
        conv<3, 32> conv1;
        xg::batch_norm<32> bn1;
        conv<32, 32> conv2;
        xg::batch_norm<32> bn2;
        conv<32, 64> conv3;
        xg::batch_norm<64> bn3;
        xg::linear<4096, 128> fc1;
        xg::linear<128, 10> fc2;

        constexpr auto operator()(auto image) const
        {
            auto a = relu(bn1(conv1(image)));
            auto b = xg::max_pool<2>(relu(bn2(conv2(a))));
            auto c = xg::max_pool<2>(relu(bn3(conv3(b))));
            return fc2(relu(fc1(flatten(c))));
        }
    };

    const bool known = bench::add_network_row<bench::cnn_training, cnn, 64, 3, 32>(
        bench::training_settings<xg::adam>{"cnn_train_3x32x32_b64_adam", {.learning_rate = 1e-3}, 10, 32 * 32, 4});
}
