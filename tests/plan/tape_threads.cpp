// SPDX-License-Identifier: BSD-3-Clause
// labels: threads
#include "models.hpp"

#include <catch2/catch.hpp>

#include <thread>

namespace
{
    struct reader
    {
        xg::embedding<12, 8> letter;
        xg::lstm_cell<8, 8> cell;
        xg::nn::dropout drop{0.2};
        xg::linear<8, 12> next;
    };

    /// Every way that a tape has of computing; a sum of losses.
    float train(std::uint64_t seed)
    {
        auto net = xg::network<reader>(seed);
        xg::tape tape;
        xg::updates update(tape, net, xg::adam{}, seed);
        const auto& model = update.model;
        const auto compiled = xg::compiled(model.cell);
        float total = 0;
        for (int step = 0; step < 20; ++step)
        {
            const auto zeros = tape.zeros<float, 2, 8>();
            xg::lstm_state state{zeros, zeros};
            auto loss = tape.zeros<float>();
            for (int t = 0; t < 6; ++t)
            {
                const auto x = xg::named(model.letter(tape.input<std::int32_t, 2>(std::array{t, 11 - t})));
                state = t % 2 == 0 ? compiled(x, state) : model.cell(x, state);
                const auto y = xg::recompute([&](auto h) { return model.next(model.drop(tanh(h))); }, state.h);
                loss = loss + cross_entropy(y, tape.input<std::int32_t, 2>(std::array{t + 1, 10 - t}));
            }
            backward(loss);
            update();
            total += loss.value();
            const auto quiet = tape.without_gradients();
            total += sum(softmax(model.next(state.h))).value();
        }
        return total;
    }

    /// Two threads at a time, which begin together.
    std::array<float, 2> both(float (*f)(std::uint64_t), std::uint64_t first_seed, std::uint64_t second_seed)
    {
        std::array<float, 2> result{};
        std::thread first([&] { result[0] = f(first_seed); }), second([&] { result[1] = f(second_seed); });
        first.join();
        second.join();
        return result;
    }
}

TEST_CASE("two threads with a tape each do not disturb each other", "[tape]")
{
    const float one = train(1), two = train(2);
    CHECK(one != two);
    for (int repeated = 0; repeated < 3; ++repeated)
        CHECK(both(train, 1, 2) == std::array{one, two});
}

TEST_CASE("two threads with a compiled program each do not disturb each other", "[plan]")
{
    const auto step = [](std::uint64_t seed)
    {
        auto net = xg::network<models::residual>(seed);
        auto program = xg::training_step<xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>(net, models::cross_entropy_loss,
                                                                                              xg::adam{}, seed);
        const xt::xtensor<float, 2> x = xt::ones<float>({5, 32});
        const xt::xtensor<std::int32_t, 1> y{0, 1, 2, 3, 0};
        float total = 0;
        for (int i = 0; i < 20; ++i)
            total += program(x, y);
        return total;
    };
    CHECK(both(step, 1, 2) == std::array{step(1), step(2)});
}
