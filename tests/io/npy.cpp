// SPDX-License-Identifier: BSD-3-Clause
#include <plan/models.hpp>

#include <xtensor/xnpy.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <unistd.h>

TEST_CASE("parameters and results go through xtensor's .npy files", "[io]")
{
    const auto path = std::filesystem::temp_directory_path() / ("xgrad_" + std::to_string(::getpid()) + ".npy");
    auto net = xg::network<models::residual>(1), other = xg::network<models::residual>(2);
    xt::dump_npy(path.string(), net[net.model.hidden.weight]);
    const auto weight = xt::load_npy<float>(path.string());
    CHECK(weight.dimension() == 2);
    auto to = other[other.model.hidden.weight];
    std::copy(weight.begin(), weight.end(), to.begin());
    CHECK((other[other.model.hidden.weight] == net[net.model.hidden.weight]));

    auto predict = xg::prediction<xg::batch<4, float, 32>>(net);
    xt::dump_npy(path.string(), predict(xt::xtensor<float, 2>(xt::ones<float>({2, 32}))));
    CHECK(xt::load_npy<float>(path.string()).shape()[0] == 2);
    std::filesystem::remove(path);
}
