// SPDX-License-Identifier: BSD-3-Clause
#include <models/torchvision.hpp>

#include <xgrad/models/mobilenet_v2.hpp>

TEST_CASE("mobilenet_v2 agrees with torchvision", "[models]")
{
    agrees_with_torchvision(xg::models::mobilenet_v2(), "mobilenet_v2");
}
