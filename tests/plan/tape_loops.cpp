// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <random>

namespace
{
    constexpr int letters = 4, width = 6;

    struct writer
    {
        xg::embedding<letters, 5, double> letter;
        xg::lstm_cell<5, width, double> cell;
        xg::linear<width, letters, double> next;

        auto read(auto& tape, int c, const auto& state) const
        {
            return cell(letter(tape.template input<std::int32_t, 1>(std::array{c})), state);
        }
    };
    auto begin(xg::tape& tape)
    {
        const auto zeros = tape.zeros<double, 1, width>();
        return xg::lstm_state{zeros, zeros};
    }

    /// The gradient of a loss in a weight, and that of central differences.
    void differences(auto& net, xg::tape& tape, const auto& model, const auto& loss)
    {
        tape.clear_gradients();
        tape.parameters_changed();
        backward(loss());
        auto weight = net[net.model.cell.weight_hh];
        const xt::xtensor<double, 2> slope = tape.gradient(model.cell.weight_hh);
        const auto quiet = tape.without_gradients();
        const auto at = [&](double& number, double value)
        {
            number = value;
            tape.parameters_changed();
            return loss().value();
        };
        for (std::size_t i = 0; i < weight.size(); i += 13)
        {
            double& number = weight.data()[i];
            const double before = number, h = 1e-5;
            const double difference = (at(number, before + h) - at(number, before - h)) / (2 * h);
            CHECK(slope.data()[i] == Approx(difference).margin(1e-8));
            at(number, before);
        }
    }
}

TEST_CASE("a beam search copies states", "[tape]")
{
    auto net = xg::network<writer>(3);
    xg::tape tape;
    const auto model = tape.watch(net);
    using state_type = decltype(begin(tape));
    struct beam
    {
        double score;
        std::vector<int> text;
        state_type state;
    };
    const auto search = [&](std::size_t kept)
    {
        std::vector<beam> beams{{0, {0}, begin(tape)}};
        for (int length = 0; length < 4; ++length)
        {
            std::vector<beam> longer;
            for (const beam& b : beams)
            {
                const auto state = model.read(tape, b.text.back(), b.state);
                const auto chances = xg::named(log_softmax(model.next(state.h)));
                for (int c = 0; c < letters; ++c)
                {
                    longer.push_back({b.score + chances.value()(0, static_cast<std::size_t>(c)), b.text, state});
                    longer.back().text.push_back(c);
                }
            }
            std::sort(longer.begin(), longer.end(), [](const beam& a, const beam& b) { return a.score > b.score; });
            longer.erase(longer.begin() + static_cast<std::ptrdiff_t>(std::min(kept, longer.size())), longer.end());
            beams = std::move(longer);
        }
        return beams;
    };
    const auto score = [&](const std::vector<int>& text)
    {
        auto state = begin(tape);
        double total = 0;
        for (std::size_t t = 0; t + 1 < text.size(); ++t)
        {
            state = model.read(tape, text[t], state);
            const auto chances = xg::named(log_softmax(model.next(state.h)));
            total += chances.value()(0, static_cast<std::size_t>(text[t + 1]));
        }
        return total;
    };
    const auto quiet = tape.without_gradients();
    double best = -100;
    for (int text = 0; text < 256; ++text) // all there are
        best = std::max(best, score({0, text & 3, text >> 2 & 3, text >> 4 & 3, text >> 6}));
    const int values = tape.values();
    CHECK(search(1000).front().score == Approx(best));
    for (const beam& b : search(3))
        CHECK(b.score == Approx(score(b.text)));
    CHECK(tape.values() == values);
}

TEST_CASE("a coin decides what the network is told next", "[tape]")
{
    auto net = xg::network<writer>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    constexpr std::array text{0, 3, 1, 2, 2, 1, 0, 3, 3, 1};
    int told = 0;
    const auto loss = [&]
    {
        std::mt19937 coin(5);
        auto state = begin(tape);
        auto total = tape.zeros<double>();
        int c = text[0];
        told = 0;
        for (std::size_t t = 0; t + 1 < text.size(); ++t)
        {
            state = model.read(tape, c, state);
            const auto chances = xg::named(model.next(state.h));
            total = total + cross_entropy(chances, tape.input<std::int32_t, 1>(std::array{text[t + 1]}));
            const bool teacher = coin() % 2 == 0;
            const auto guess = argmax(chances);
            c = teacher ? text[t + 1] : static_cast<int>(guess.value()(0));
            told += teacher;
        }
        return total;
    };
    differences(net, tape, model, loss);
    CHECK((told > 2 && told < 8));
}

TEST_CASE("a network thinks until it is sure", "[tape]")
{
    auto net = xg::network<writer>(2);
    xg::tape tape;
    const auto model = tape.watch(net);
    int steps = 0;
    const auto loss = [&](double enough)
    {
        auto state = begin(tape);
        auto total = tape.zeros<double>();
        for (steps = 0; steps < 50; ++steps)
        {
            state = model.read(tape, steps % letters, state);
            total = total + sum(square(state.h));
            if (total > enough)
                break;
        }
        return total * (1. / (steps + 1));
    };
    std::vector<int> lengths;
    for (const double enough : {0.01, 0.1, 1.})
    {
        differences(net, tape, model, [&] { return xg::named(loss(enough)); });
        lengths.push_back(steps);
    }
    CHECK((lengths[0] < lengths[1] && lengths[1] < lengths[2] && lengths[2] < 50));
}
