// SPDX-License-Identifier: BSD-3-Clause
#include "training_row.hpp"

#include <xgrad/models/lenet.hpp>

namespace
{
    const bool known = bench::add_network_row<bench::lenet_training, xg::models::lenet_model<10, float>, 64, 1, 28>(
        bench::training_settings<xg::adam>{"lenet_train_1x28x28_b64_adam", {.learning_rate = 1e-3}, 10, 24 * 24});
}
