// SPDX-License-Identifier: BSD-3-Clause
// Solves the differential equation u' = -2 x u, u(0) = 1 with a network: the loss holds a gradient of the network, and
// training differentiates it once more. The solution is exp(-x^2).
#include <xgrad/xgrad.hpp>

#include <iostream>

// [model]
struct solution
{
    xg::linear<1, 24, double> hidden1;
    xg::linear<24, 24, double> hidden2;
    xg::linear<24, 1, double> output;

    constexpr auto operator()(auto x) const // 1 at 0, whatever the parameters are
    {
        return 1 + x * output(tanh(hidden2(tanh(hidden1(x)))));
    }
};

constexpr auto loss = xg::with_derivatives<1>(
    [](const auto& model, auto x)
    {
        auto u = model(x);
        auto slope = gradient(sum(u), x); // row by row, for a row of u depends on its own x only
        return mean(square(slope + 2 * x * u));
    });
constexpr auto u_and_slope = xg::with_derivatives<1>(
    [](const auto& model, auto x)
    {
        auto u = model(x);
        return std::make_tuple(u, gradient(sum(u), x));
    });
// [model end]

int main()
{
    constexpr int points = 41;
    using line = xg::input<double, points, 1>;
    const xt::xtensor<double, 2> x = xt::reshape_view(xt::linspace<double>(-2, 2, points), {points, 1});

    auto net = xg::network<solution>(1);
    auto step = xg::training_step<line>(net, loss, xg::adam{});
    std::cout << "a step that differentiates a gradient: " << step.graph.view().statements() << " statements\n";
    const xg::cosine_schedule rate{.learning_rate = 1e-2, .steps = 4000};
    while (step.steps() < rate.steps)
    {
        step.optimizer.learning_rate = rate(step.steps());
        const double residual = step(x);
        if (step.steps() % 1000 == 0)
            std::cout << "step " << step.steps() << ": mean squared residual " << residual << "\n";
    }

    auto solve = xg::compile<line>(net, u_and_slope);
    const auto [u, slope] = solve(x);
    double worst = 0;
    for (std::size_t i = 0; i < points; ++i)
    {
        const double expected = std::exp(-x(i, 0) * x(i, 0));
        worst = std::max(worst, std::abs(u(i, 0) - expected));
        if (i % 5 == 0)
            std::cout << "x " << x(i, 0) << "\tu " << u(i, 0) << "\texp(-x^2) " << expected << "\tu' " << slope(i, 0)
                      << "\n";
    }
    std::cout << "largest error " << worst << "\n";
    return worst < 1e-2 ? 0 : 1;
}
