// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <reference/reference.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

namespace check
{
    struct seven
    {
        xg::parameter<double, xg::extents<7>> p;
        constexpr auto operator()(auto g) const { return sum(p * g); } // its gradient is g
    };
    constexpr auto linear_loss = [](const auto& model, auto g) { return model(g); };

    /// Ten steps with given gradients against PyTorch's parameters after each.
    void against_torch(const char* name, const auto& optimizer)
    {
        INFO(name);
        const reference torch{"optim"};
        const std::string entry = name;
        auto net = xg::network<seven>();
        std::copy_n(torch(entry + "/p0").values.begin(), 7, net.data());
        auto step = xg::training_step<xg::input<double, 7>>(net, linear_loss, optimizer);
        const auto &g = torch(entry + "/g").values, &p = torch(entry + "/p").values;
        for (std::size_t i = 0; i < 10; ++i)
        {
            step(std::vector<double>(g.begin() + static_cast<std::ptrdiff_t>(7 * i),
                                     g.begin() + static_cast<std::ptrdiff_t>(7 * i + 7)));
            for (std::size_t k = 0; k < 7; ++k)
            {
                INFO("step " << i << ", element " << k);
                CHECK(net.data()[k] == Approx(p[7 * i + k]).epsilon(1e-12).margin(1e-14));
            }
        }
    }
}
