// SPDX-License-Identifier: BSD-3-Clause
// A character-level language model in plain loops. Arguments: steps, a text (else Debian's fortunes), a checkpoint to resume.
// test-arguments: 6
#include <xgrad/xgrad.hpp>
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/io/progress.hpp>
#include <fstream>
#include <iostream>

constexpr int letters = 128, width = 256, streams = 32, time_steps = 64;
struct writer
{
    xg::embedding<letters, 64> letter;
    xg::lstm_cell<64, width> cell;
    xg::nn::dropout drop{0.3};
    xg::linear<width, letters> next;
};

int main(int argc, char** argv)
{
    const int steps = argc > 1 ? std::stoi(argv[1]) : 4000;
    std::ifstream file(argc > 2 ? argv[2] : "/usr/share/games/fortunes/fortunes");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (text.size() < 100'000) // no text, or a short one
        text += "All work and no play makes Jack a dull boy.\n";
    const std::size_t trained = text.size() * 9 / 10, every = (trained - 1) / streams;
    auto net = xg::network<writer>(1);
    xg::tape tape;
    xg::updates update(tape, net, xg::clip_by_norm{xg::adam{}, 1.0}, 1);
    const auto& model = update.model;
    const auto column = [&](std::size_t at, std::size_t apart) // a letter of every stream
    {
        std::array<std::int32_t, streams> some{};
        for (std::size_t k = 0; k < streams; ++k)
            some[k] = static_cast<unsigned char>(text[at + k * apart]) % letters;
        return tape.input<std::int32_t, streams>(some);
    };
    const auto read = [&](auto& state, std::size_t first, std::size_t count, std::size_t apart) // bits per character
    {
        auto loss = tape.zeros<float>();
        for (std::size_t t = first; t < first + count; ++t)
        {
            state = model.cell(model.letter(column(t, apart)), state);
            loss = loss + cross_entropy(model.next(model.drop(state.h)), column(t + 1, apart));
        }
        return xg::named(loss / (std::numbers::ln2_v<float> * static_cast<float>(count)));
    };
    const auto nothing = tape.zeros<float, streams, width>();
    auto show = [&, generator = std::mt19937(1)]() mutable // the loss on the last tenth, and 200 letters of its own
    {
        const auto quiet = tape.without_gradients();
        const std::size_t apart = (text.size() - trained - 1) / streams;
        xg::lstm_state state{nothing, nothing};
        xg::lstm_state own{tape.zeros<float, 1, width>(), tape.zeros<float, 1, width>()};
        std::cout << "last tenth: " << read(state, trained, apart, apart).value() << " bits per character\n";
        for (int count = 0, c = '\n'; count < 200; ++count, std::cout << static_cast<char>(c))
        {
            own = model.cell(model.letter(tape.input<std::int32_t, 1>(std::array{c})), own);
            const auto chances = softmax(model.next(own.h) / 0.8f).value();
            c = std::discrete_distribution(chances.begin(), chances.end())(generator);
        }
        if (argc > 3)
            xg::save(net, update, argv[3]);
    };
    if (argc > 3 && std::filesystem::exists(argv[3]))
        xg::load(net, update, argv[3]);
    xg::io::progress_bar bar(std::cout, "training", static_cast<std::size_t>(steps));
    xg::lstm_state state{nothing, nothing};
    for (std::size_t at = 0; update.steps() < steps; at = at + 2 * time_steps < every ? at + time_steps : 0)
    {
        update.optimizer.learning_rate = xg::cosine_schedule{.learning_rate = 4e-3, .steps = steps}(update.steps());
        const auto loss = read(state, at, time_steps, every);
        backward(loss), update();
        state = {xg::named(stop_gradient(state.h)), xg::named(stop_gradient(state.c))}; // it goes on, its gradient does not
        bar.update(static_cast<std::size_t>(update.steps()), std::to_string(loss.value()) + " bits per character");
        if (update.steps() % 500 == 0 || update.steps() == steps)
            show();
    }
}
