// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

TEST_CASE("sgd steps as PyTorch's", "[optim]")
{
    check::against_torch("sgd", xg::sgd{0.1});
    check::against_torch("sgd_momentum", xg::sgd{.learning_rate = 0.1, .momentum = 0.9});
    check::against_torch("sgd_nesterov", xg::sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true});
    check::against_torch("sgd_decay", xg::sgd{.learning_rate = 0.1, .weight_decay = 0.01});
    check::against_torch("sgd_nesterov_decay",
                         xg::sgd{.learning_rate = 0.1, .momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
}
