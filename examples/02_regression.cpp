// SPDX-License-Identifier: BSD-3-Clause
// Fits a small perceptron to a noisy sine and draws the samples, the fit and the truth.
#include <xgrad/xgrad.hpp>
#include <xgrad/io/report.hpp>

#include <xtensor/xview.hpp>
#include <iostream>
#include <random>

// [model]
struct regressor
{
    xg::linear<1, 32> hidden1;
    xg::linear<32, 32> hidden2;
    xg::linear<32, 1> output;

    constexpr auto operator()(auto x) const { return output(tanh(hidden2(tanh(hidden1(x))))); }
};

constexpr auto loss = [](const auto& model, auto x, auto y) { return mse_loss(model(x), y); };
// [model end]

double truth(double x) { return std::sin(2 * x) * (1 + 0.3 * x); }

int main()
{
    constexpr std::size_t count = 192, bound = 64;
    xt::xtensor<float, 2> x = xt::empty<float>({count, std::size_t{1}}), y = x;
    std::mt19937 generator(1);
    std::uniform_real_distribution<float> place(-3, 3);
    std::normal_distribution<float> noise(0, 0.15f);
    for (std::size_t i = 0; i < count; ++i)
    {
        x(i, 0) = place(generator);
        y(i, 0) = static_cast<float>(truth(x(i, 0))) + noise(generator);
    }
    // [train]
    using column = xg::batch<bound, float, 1>;
    constexpr std::int64_t epochs = 600;
    auto net = xg::network<regressor>(1);
    auto step = xg::training_step<column, column>(net, loss, xg::adam{});
    const xg::one_cycle_schedule rate{.largest = 2e-2, .steps = epochs * std::int64_t{count / bound}};
    float error = 0;
    for (std::int64_t epoch = 0; epoch < epochs; ++epoch)
        for (std::size_t first = 0; first < count; first += bound)
        {
            step.optimizer.learning_rate = rate(step.steps());
            error = step(xt::view(x, xt::range(first, first + bound), xt::all()), // views of rows are not copied
                         xt::view(y, xt::range(first, first + bound), xt::all()));
        }
    std::cout << step.steps() << " steps, mean squared error " << error << " (the noise alone: 0.0225)\n";
    // [train end]

    constexpr std::size_t width = 64, height = 19;
    auto predict = xg::prediction<xg::batch<width, float, 1>>(net);
    const xt::xtensor<float, 2> places = xt::reshape_view(xt::linspace<float>(-3, 3, width), {width, std::size_t{1}});
    const auto fit = predict(places);
    std::vector<std::string> picture(height, std::string(width, ' '));
    const auto put = [&](double column, double value, char mark)
    {
        const auto row = static_cast<std::size_t>((height - 1) * (2.2 - std::clamp(value, -2.2, 2.2)) / 4.4 + 0.5);
        picture[row][static_cast<std::size_t>(column + 0.5)] = mark;
    };
    for (std::size_t i = 0; i < count; ++i)
        put((x(i, 0) + 3) / 6 * (width - 1), y(i, 0), '.');
    xg::io::curve fitted{"fit", {}}, true_curve{"truth", {}};
    for (std::size_t i = 0; i < width; ++i)
    {
        put(static_cast<double>(i), fit(i, 0), '#');
        fitted.values.push_back(fit(i, 0));
        true_curve.values.push_back(truth(places(i, 0)));
    }
    for (const auto& line : picture)
        std::cout << line << "\n";
    xg::io::report page("A noisy sine");
    page.curves("Fit and truth", "x, from -3 to 3 in 64 steps", "y", {fitted, true_curve});
    page.save("regression.html");
    std::cout << "samples ., fit #; report: regression.html\n";
}
