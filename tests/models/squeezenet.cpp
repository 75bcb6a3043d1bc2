// SPDX-License-Identifier: BSD-3-Clause
#include <models/torchvision.hpp>

#include <xgrad/models/squeezenet.hpp>

TEST_CASE("squeezenet agrees with torchvision", "[models]") { agrees_with_torchvision(xg::models::squeezenet(), "squeezenet"); }
