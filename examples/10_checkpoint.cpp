// SPDX-License-Identifier: BSD-3-Clause
// Trains, saves, resumes in another network and continues bit for bit; a file that does not fit is refused.
#include <xgrad/xgrad.hpp>
#include <xgrad/io/checkpoint.hpp>

#include <iostream>
#include <random>

struct classifier
{
    xg::linear<4, 16> hidden;
    xg::nn::dropout drop{0.2};
    xg::linear<16, 3> output;

    constexpr auto operator()(auto x) const { return output(drop(relu(hidden(x)))); }
};
struct wider
{
    xg::linear<4, 32> hidden;
    xg::linear<32, 3> output;

    constexpr auto operator()(auto x) const { return output(relu(hidden(x))); }
};

constexpr auto loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };
using inputs = xg::batch<32, float, 4>;
using labels = xg::batch<32, std::int32_t>;

int main()
{
    xt::xtensor<float, 2> x = xt::empty<float>({32, 4});
    xt::xtensor<std::int32_t, 1> y = xt::empty<std::int32_t>({32});
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < 32; ++i)
    {
        y(i) = static_cast<std::int32_t>(i % 3);
        for (std::size_t k = 0; k < 4; ++k)
            x(i, k) = normal(generator) + (k == i % 3 ? 2.f : 0.f);
    }
    const auto train = [&](auto& step, int steps)
    {
        float value = 0;
        while (steps-- > 0)
            value = step(x, y);
        return value;
    };

    // [resume]
    auto net = xg::network<classifier>(1);
    auto step = xg::training_step<inputs, labels>(net, loss, xg::adam{}, 7); // 7: the seed of dropout
    train(step, 100);
    xg::save(net, step, "checkpoint.safetensors"); // parameters, moments, position of the random numbers
    const float without_pause = train(step, 50);

    auto again = xg::network<classifier>();
    auto resumed = xg::training_step<inputs, labels>(again, loss, xg::adam{});
    xg::load(again, resumed, "checkpoint.safetensors");
    const float with_pause = train(resumed, 50);
    const bool equal = std::equal(net.data(), net.data() + net.size(), again.data());
    // [resume end]
    std::cout << "loss after 150 steps " << without_pause << ", after 100 and 50 " << with_pause << ", parameters "
              << (equal ? "equal" : "different") << "\nparameters:";
    for (const auto& parameter : net.spans())
        std::cout << " " << parameter.name << " " << xg::to_string(parameter.extents);

    // [refused]
    auto other = xg::network<wider>(1);
    try
    {
        xg::load(other, "checkpoint.safetensors");
    }
    catch (const xg::file_error& error)
    {
        std::cout << "\n" << error.what() << "\n";
    }
    // [refused end]
    return equal ? 0 : 1;
}
