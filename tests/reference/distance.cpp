// SPDX-License-Identifier: BSD-3-Clause
#include <reference/reference.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

double largest_distance(std::span<const double> found, std::span<const double> expected)
{
    REQUIRE(found.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i)
    {
        const bool both_nan = std::isnan(found[i]) && std::isnan(expected[i]);
        if (both_nan || found[i] == expected[i])
            continue;
        const double error = std::abs(found[i] - expected[i]) / std::max(1.0, std::abs(expected[i]));
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
    return worst;
}
