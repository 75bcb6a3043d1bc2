// SPDX-License-Identifier: BSD-3-Clause
// Tells two spirals apart with a tiny network and draws which side of the plane it gives to which spiral.
#include <xgrad/xgrad.hpp>

#include <xtensor/xview.hpp>

#include <iostream>
#include <numbers>
#include <random>

struct spirals
{
    xg::linear<2, 16> hidden1;
    xg::linear<16, 16> hidden2;
    xg::linear<16, 2> output;

    constexpr auto operator()(auto point) const { return output(tanh(hidden2(tanh(hidden1(point))))); }
};

constexpr auto loss = [](const auto& model, auto points, auto labels) { return cross_entropy(model(points), labels); };
constexpr auto classify = [](const auto& model, auto points) { return argmax(model(points)); };

int main()
{
    constexpr std::size_t count = 320, bound = 32;
    xt::xtensor<float, 2> points = xt::empty<float>({count, std::size_t{2}});
    xt::xtensor<std::int32_t, 1> labels = xt::empty<std::int32_t>({count});
    std::mt19937 generator(2);
    std::normal_distribution<float> noise(0, 0.05f);
    for (std::size_t i = 0; i < count; ++i)
    {
        labels(i) = static_cast<std::int32_t>(i % 2);
        const float along = static_cast<float>(i / 2) / (count / 2 - 1), radius = 0.3f + 2.6f * along;
        const float angle = std::numbers::pi_v<float> * (3.2f * along + static_cast<float>(labels(i)));
        points(i, 0) = radius * std::cos(angle) + noise(generator);
        points(i, 1) = radius * std::sin(angle) + noise(generator);
    }

    auto net = xg::network<spirals>(1);
    auto step = xg::training_step<xg::batch<bound, float, 2>, xg::batch<bound, std::int32_t>>(net, loss, xg::adamw{});
    static_assert(decltype(step)::plan.bytes < 20'000); // the whole step works in 20 KB
    constexpr std::int64_t steps = 9'000;
    const xg::warmup_schedule rate{200, xg::cosine_schedule{.learning_rate = 1e-2, .steps = steps - 200}};
    xt::xtensor<float, 2> some = xt::empty<float>({bound, std::size_t{2}});
    xt::xtensor<std::int32_t, 1> their_labels = xt::empty<std::int32_t>({bound});
    std::uniform_int_distribution<std::size_t> any(0, count - 1);
    while (step.steps() < steps)
    {
        for (std::size_t i = 0; i < bound; ++i)
        {
            const std::size_t k = any(generator);
            xt::row(some, i) = xt::row(points, k);
            their_labels(i) = labels(k);
        }
        step.optimizer.learning_rate = rate(step.steps());
        const float value = step(some, their_labels);
        if (step.steps() % (steps / 6) == 0)
            std::cout << "step " << step.steps() << ", loss " << value << "\n";
    }

    auto whole = xg::compile<xg::input<float, count, 2>>(net, classify);
    std::cout << xt::sum(xt::equal(whole(points), labels))() << " of " << count << " points on their side\n";
    constexpr std::size_t width = 64, height = 30;
    auto row_of = xg::compile<xg::input<float, width, 2>>(net, classify);
    xt::xtensor<float, 2> row = xt::empty<float>({width, std::size_t{2}});
    std::vector<std::string> picture(height, std::string(width, ' '));
    const auto cell = [](float x, std::size_t cells) { return static_cast<std::size_t>((x + 3.3f) / 6.6f * cells); };
    for (std::size_t r = 0; r < height; ++r)
    {
        for (std::size_t c = 0; c < width; ++c)
            row(c, 0) = (c + 0.5f) / width * 6.6f - 3.3f, row(c, 1) = (r + 0.5f) / height * 6.6f - 3.3f;
        const auto sides = row_of(row);
        std::ranges::transform(sides, picture[r].begin(), [](auto side) { return side ? ':' : ' '; });
    }
    for (std::size_t i = 0; i < count; ++i)
        picture[cell(points(i, 1), height)][cell(points(i, 0), width)] = labels(i) ? '#' : 'o';
    for (const auto& line : picture)
        std::cout << line << "\n";
}
