// SPDX-License-Identifier: BSD-3-Clause
#include "prediction_row.hpp"

#include <xgrad/models/resnet.hpp>

namespace
{
    const bool known = bench::add_prediction_row("resnet50", &xg::models::resnet50<float>);
}
