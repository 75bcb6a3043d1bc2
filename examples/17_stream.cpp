// SPDX-License-Identifier: BSD-3-Clause
// Sound, sample by sample: a recurrent cell of eight numbers learns what an overdriven amplifier does to a signal, and then
// does it in real time. The network is so small that all of it becomes one piece of straight code.
#include <xgrad/xgrad.hpp>

#include <chrono>
#include <iostream>

constexpr int rate = 48000, length = 64, streams = 32;

// [model]
struct amplifier
{
    xg::gru_cell<1, 8> cell;
    xg::linear<8, 1> output;
    xg::state<float, xg::extents<8>> heard{xg::zeros}; // from sample to sample

    constexpr auto operator()(auto sample) const
    {
        const auto now = cell(sample, heard);
        heard = now;
        return output(now);
    }
};
// [model end]

// the same cell in a loop over time, sounds [length, streams, 1]
constexpr auto loss = [](const auto& model, auto dry, auto wet, auto now)
{
    auto total = xg::named(sum(now));
    for (int t = 0; t < length; ++t)
    {
        now = model.cell(xg::select<0>(dry, t), now);
        total = total + mean(square(model.output(now) - xg::select<0>(wet, t)));
    }
    return total / length;
};

// what is to be learned: soft clipping, which remembers how loud it was
float clip(float x, float& memory) { return std::tanh(3 * x - 2 * (memory = 0.9f * memory + 0.1f * x)); }

int main()
{
    auto net = xg::network<amplifier>(1);
    using sounds = xg::input<float, length, streams, 1>;
    auto step = xg::training_step<sounds, sounds, xg::input<float, streams, 8>>(net, loss, xg::adam{1e-2});
    xt::xtensor<float, 3> dry({length, streams, 1}), wet = dry;
    const xt::xtensor<float, 2> silence = xt::zeros<float>({streams, 8});
    for (int round = 1; round <= 600; ++round)
    {
        for (int s = 0; s < streams; ++s)
        {
            const float pitch = 0.06f * std::pow(1.1f, float(s)), loud = float(1 + (round + s) % 5) / 5;
            float memory = 0;
            for (int t = 0; t < length; ++t)
                wet(t, s, 0) = clip(dry(t, s, 0) = loud * std::sin(pitch * float(t)), memory);
        }
        const float error = step(dry, wet, silence);
        step.optimizer.learning_rate = round < 400 ? 1e-2 : 2e-3;
        if (round % 200 == 0)
            std::cout << "round " << round << ": mean square error " << error << '\n';
    }

    auto process = xg::prediction<xg::input<float, 1>>(net, xg::frozen);
    const auto begin = std::chrono::steady_clock::now();
    float memory = 0, squares = 0;
    for (int t = 0; t < rate; ++t)
    {
        const std::array<float, 1> sample{0.8f * std::sin(0.05f * float(t))};
        const float played = process(sample)(0);
        squares += std::pow(played - clip(sample[0], memory), 2.f) / rate;
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    std::cout << "a second of sound in " << taken.count() * 1e3 << " ms, " << taken.count() / rate * 1e9
              << " ns a sample with the exact amplifier's; off by " << std::sqrt(squares) << " where it swings from -1 to 1\n";
    return squares < 0.01f ? 0 : 1;
}
