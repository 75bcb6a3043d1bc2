// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <models/weights.hpp>
#include <op/check.hpp>

/// Logits of two images agree with torchvision's network of the same weights.
inline void agrees_with_torchvision(auto net, const std::string& name)
{
    weights::fill(net);
    auto predict = xg::prediction<xg::batch<2, float, 3, 64, 64>>(net);
    const xt::xtensor<float, 2> logits = predict(weights::images());
    const reference torch{"models"};
    const auto& expected = torch(name + "/logits").values;
    double largest = 0;
    for (const double x : expected)
        largest = std::max(largest, std::abs(x));
    REQUIRE(logits.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        REQUIRE(std::abs(logits.data()[i] - expected[i]) <= 1e-4 * largest);
}
