// SPDX-License-Identifier: BSD-3-Clause
// An elementwise function of one's own, with its gradient, in a model; checked against central differences.
#include <xgrad/xgrad.hpp>

#include <iostream>
#include <random>

namespace mine
{
    // [function]
    struct softsign_function : xg::op::elementwise_function
    {
        static constexpr auto name = "softsign"; // what a printed graph calls it
        static constexpr int flops = 3;

        template <class V>
        static constexpr V forward(const V& x) // V is a number or a SIMD batch
        {
            return x / (V(1) + xg::kernel::abs(x));
        }
        template <int>
        static constexpr unsigned needs = xg::needs::first; // the rule below reads x, but not y
        template <int>
        static constexpr auto gradient(auto g, auto, auto x)
        {
            return g / square(1 + abs(x));
        }
    };

    /// x / (1 + |x|), elementwise. Derivative: 1 / (1 + |x|)^2.
    constexpr auto softsign(xg::tensor auto&& x)
    {
        return xg::elementwise<softsign_function>(std::forward<decltype(x)>(x));
    }
    // [function end]
}

// [use]
struct model
{
    xg::linear<3, 8, double> hidden;
    xg::linear<8, 1, double> output;

    constexpr auto operator()(auto x) const { return output(mine::softsign(hidden(x))); }
};

constexpr auto loss = [](const auto& model, auto x, auto y) { return mse_loss(model(x), y); };
// [use end]

int main()
{
    using inputs = xg::batch<16, double, 3>;
    using outputs = xg::batch<16, double, 1>;
    xt::xtensor<double, 2> x = xt::empty<double>({16, 3}), y = xt::empty<double>({16, 1});
    std::mt19937 generator(1);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < 16; ++i)
        y(i, 0) = (x(i, 0) = normal(generator)) * (x(i, 1) = normal(generator)) - (x(i, 2) = normal(generator));

    auto net = xg::network<model>(1);
    std::cout << xg::to_text(xg::prediction<inputs>(net)); // bias and softsign are part of the product's statement

    // [check]
    auto still = xg::training_step<inputs, outputs>(net, loss, xg::sgd{.learning_rate = 0}); // changes nothing
    still(x, y);
    auto weight = net[net.model.hidden.weight];
    const xt::xtensor<double, 2> slope = still.gradient(net.model.hidden.weight);
    double worst = 0, h = 1e-6;
    for (std::size_t i = 0; i < weight.size(); ++i)
    {
        const double before = std::exchange(weight.data()[i], weight.data()[i] + h), above = still(x, y);
        weight.data()[i] = before - h;
        worst = std::max(worst, std::abs(slope.data()[i] - (above - still(x, y)) / (2 * h)));
        weight.data()[i] = before;
    }
    // [check end]
    std::cout << "largest difference to central differences: " << worst << "\n";
    return worst < 1e-7 ? 0 : 1;
}
