// SPDX-License-Identifier: BSD-3-Clause
#include "mlp_row.hpp"

namespace
{
    struct digits
    {
        xg::linear<784, 256> hidden1;
        xg::linear<256, 128> hidden2;
        xg::linear<128, 10> output;
        constexpr auto operator()(auto x) const { return output(relu(hidden2(relu(hidden1(x))))); }
    };

    struct points
    {
        xg::linear<2, 16> hidden1;
        xg::linear<16, 16> hidden2;
        xg::linear<16, 2> output;
        constexpr auto operator()(auto x) const { return output(tanh(hidden2(tanh(hidden1(x))))); }
    };

    const bool known =
        bench::add_training_row<digits, 64, 784>("mlp_train_784_256_128_10_b64_adam", {784, 256, 128, 10},
                                                 bench::activation::relu) &&
        bench::add_training_row<points, 32, 2>("mlp_train_2_16_16_2_b32_adam", {2, 16, 16, 2}, bench::activation::tanh);
}
