// SPDX-License-Identifier: BSD-3-Clause
#include "prediction_row.hpp"

#include <xgrad/models/mobilenet_v2.hpp>

namespace
{
    const bool known = bench::add_prediction_row("mobilenet_v2", &xg::models::mobilenet_v2<float>);
}
