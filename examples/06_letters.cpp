// SPDX-License-Identifier: BSD-3-Clause
// A recurrent network learns a rhyme letter by letter and recites it. Its loop over time runs while compiling.
#include <xgrad/xgrad.hpp>
#include <iostream>
#include <random>

constexpr std::string_view rhyme =
    "This is the house that Jack built. This is the malt that lay in the house that Jack built. This is the rat that "
    "ate the malt that lay in the house that Jack built. This is the cat that killed the rat that ate the malt that "
    "lay in the house that Jack built. This is the dog that worried the cat that killed the rat that ate the malt that "
    "lay in the house that Jack built. ";
constexpr std::string_view alphabet = " .JTabcdehiklmnorstuwy g";

// [model]
constexpr int letters = alphabet.size(), width = 64, time_steps = 24, texts = 16;

struct reader
{
    xg::embedding<letters, width> letter;
    xg::linear<width, width> from_letter, from_state;
    xg::linear<width, letters> next;

    constexpr auto read(auto c, auto state) const { return named(tanh(from_letter(letter(c)) + from_state(state))); }
};

constexpr auto loss = [](const auto& model, auto text, auto state, auto following) // text, following: [time, texts]
{
    std::array<decltype(state), time_steps> states{};
    for (int t = 0; auto c : text)
        states[t++] = state = model.read(c, state);
    return cross_entropy(model.next(stack(states)), following); // one product for all time steps
};
constexpr auto recite = [](const auto& model, auto c, auto state, auto temperature)
{
    auto after = model.read(c, state);
    return std::make_tuple(after, softmax(model.next(after) / temperature));
};
// [model end]

int main()
{
    std::mt19937 generator(1);
    std::uniform_int_distribution<std::size_t> anywhere(0, rhyme.size() - 1);
    const auto number = [](std::size_t at) { return static_cast<int>(alphabet.find(rhyme[at % rhyme.size()])); };

    auto net = xg::network<reader>(1);
    using text = xg::input<std::int32_t, time_steps, texts>;
    auto step = xg::training_step<text, xg::input<float, texts, width>, text>(net, loss,
                                                                            xg::clip_by_norm{xg::adam{3e-3}, 1.0});
    std::cout << "a training step: " << step.graph.view().statements() << " statements, "
              << step.plan.bytes << " bytes\n";
    xt::xtensor<std::int32_t, 2> some = xt::empty<std::int32_t>({time_steps, texts}), following = some;
    const xt::xtensor<float, 2> nothing = xt::zeros<float>({texts, width});
    while (step.steps() < 600)
    {
        for (std::size_t k = 0; k < texts; ++k)
            for (std::size_t t = 0, at = anywhere(generator); t < time_steps; ++t, ++at)
                some(t, k) = number(at), following(t, k) = number(at + 1);
        const float value = step(some, nothing, following);
        if (step.steps() % 100 == 0)
            std::cout << "step " << step.steps() << ", loss " << value << "\n";
    }

    auto predict = xg::compile<xg::input<std::int32_t, 1>, xg::input<float, 1, width>, xg::input<float>>(net, recite);
    for (const float temperature : {0.1f, 1.0f})
    {
        xt::xtensor<float, 2> state = xt::zeros<float>({1, width}); // results are views of memory that the next call
        std::array<std::int32_t, 1> c{number(0)};                   // writes again, so the state is copied out
        std::cout << "\nat temperature " << temperature << ": " << alphabet[c[0]];
        for (int i = 0; i < 300; ++i)
        {
            const auto [after, chances] = predict(c, state, xt::xtensor<float, 0>(temperature));
            state = after;
            c[0] = std::discrete_distribution<std::int32_t>(chances.begin(), chances.end())(generator);
            std::cout << alphabet[c[0]];
        }
        std::cout << "\n";
    }
}
