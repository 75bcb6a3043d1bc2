// SPDX-License-Identifier: BSD-3-Clause
#include "training_row.hpp"

#include <xgrad/models/resnet.hpp>

namespace
{
    using resnet18 = xg::models::resnet<xg::models::basic_block, 2, 2, 2, 2, 1000, float>;

    const bool known = bench::add_network_row<bench::resnet18_training, resnet18, 16, 3, 64>(bench::training_settings<xg::sgd>{
        "resnet18_train_3x64x64_b16", {.learning_rate = 1e-3, .momentum = 0.9}, 1000, 32 * 32, 2});
}
