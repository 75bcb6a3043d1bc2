// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

TEST_CASE("adam and adamw step as PyTorch's", "[optim]")
{
    check::against_torch("adam", xg::adam{.learning_rate = 0.01});
    check::against_torch("adam_decay", xg::adam{.learning_rate = 0.01, .weight_decay = 0.01});
    check::against_torch("adamw", xg::adamw{.learning_rate = 0.01, .weight_decay = 0.01});
}
