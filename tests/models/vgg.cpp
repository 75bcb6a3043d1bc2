// SPDX-License-Identifier: BSD-3-Clause
// labels: slow
#include <models/torchvision.hpp>

#include <xgrad/models/vgg.hpp>

TEST_CASE("vgg11 agrees with torchvision", "[models]") { agrees_with_torchvision(xg::models::vgg11(), "vgg11"); }
