// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "models.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace
{
    template <class Input>
    auto random(unsigned seed, double low, double high, std::size_t rows = 0)
    {
        constexpr xg::shape form = Input::shape_type::value;
        std::array<std::size_t, static_cast<std::size_t>(form.rank)> sizes{};
        for (int axis = 0; axis < form.rank; ++axis)
            sizes[static_cast<std::size_t>(axis)] = static_cast<std::size_t>(form.extent[axis]);
        if (rows > 0)
            sizes[0] = rows;
        using type = typename Input::value_type;
        xt::xtensor<type, static_cast<std::size_t>(form.rank)> result(sizes);
        std::mt19937 generator(seed);
        std::uniform_real_distribution<double> uniform(low, high);
        for (auto& value : result)
            value = static_cast<type>(uniform(generator));
        return result;
    }

    /// The loss and all gradients of a compiled training step and of a tape are the same numbers.
    template <int Derivatives, class... Inputs>
    void both_ways(auto& net, auto loss, const auto&... x)
    {
        auto step = xg::training_step<Inputs...>(net, loss, xg::sgd{.learning_rate = 0}, 7);
        const auto expected = step(x...);
        xg::basic_tape<Derivatives> tape;
        tape.random().seed = 7;
        const auto model = tape.watch(net);
        for (int repeated = 0; repeated < 2; ++repeated)
        {
            const auto value = xg::named(loss(model, tape.template input<Inputs>(x)...));
            // straight code adds in another order
            CHECK(std::abs(value.value() - expected) <= (xg::unrolls(step.graph.view()) ? 1e-6 * std::abs(expected) : 0));
            tape.clear_gradients();
            backward(value);
            auto* const found = reinterpret_cast<decltype(expected)*>(tape.gradients(net));
            double worst = 0, largest = 0;
            xg::for_each_leaf<xg::is_parameter>(net.model,
                                                [&](const auto& p)
                                                {
                                                    const auto g = step.gradient(p);
                                                    for (std::size_t i = 0; i < g.size(); ++i)
                                                    {
                                                        const double e = g.data()[i], f = found[p.id + static_cast<int>(i)];
                                                        worst = std::max(worst, std::abs(e - f));
                                                        largest = std::max(largest, std::abs(e));
                                                    }
                                                });
            CHECK(worst <= 1e-6 * largest);
            CHECK(largest > 0);
            tape.parameters_changed();
        }
    }
}
