// SPDX-License-Identifier: BSD-3-Clause
// Statement by statement, in plain loops: a network reads names letter by letter, each as long as it is, and says which
// language they come from.
#include <xgrad/xgrad.hpp>

#include <iostream>
#include <random>

constexpr std::array<std::string_view, 3> languages{"Italian", "Japanese", "Scottish"};
constexpr std::array<std::array<std::string_view, 30>, 3> names{{
    {"rossi", "bianchi", "ferrari", "esposito", "romano", "colombo", "ricci", "marino", "greco", "bruno",
     "gallo", "conti", "costa", "giordano", "mancini", "rizzo", "lombardi", "moretti", "barbieri", "fontana",
     "santoro", "mariani", "rinaldi", "caruso", "ferrara", "galli", "martini", "leone", "longo", "gentile"},
    {"sato", "suzuki", "takahashi", "tanaka", "watanabe", "ito", "yamamoto", "nakamura", "kobayashi", "kato",
     "yoshida", "yamada", "sasaki", "yamaguchi", "matsumoto", "inoue", "kimura", "hayashi", "shimizu", "yamazaki",
     "mori", "abe", "ikeda", "hashimoto", "ishikawa", "nakajima", "maeda", "fujita", "ogawa", "okada"},
    {"macdonald", "campbell", "stewart", "robertson", "thomson", "anderson", "murray", "mackenzie", "scott", "clark",
     "ross", "fraser", "henderson", "hamilton", "graham", "johnston", "kerr", "simpson", "mcgregor", "ferguson",
     "macleod", "duncan", "gordon", "cameron", "douglas", "sinclair", "wallace", "sutherland", "mcintyre", "munro"},
}};

// [model]
struct classifier
{
    xg::embedding<26, 16> letter;
    xg::gru_cell<16, 32> cell;
    xg::linear<32, 3> output;

    auto operator()(auto& tape, std::string_view name) const
    {
        auto state = tape.template zeros<float, 1, 32>();
        for (const char c : name) // as long as the name is
            state = cell(letter(tape.template input<std::int32_t, 1>(std::array{c - 'a'})), state);
        return output(state);
    }
};
// [model end]

int main()
{
    std::mt19937 generator(1);
    // [train]
    auto net = xg::network<classifier>(1);
    xg::tape tape;
    xg::updates update(tape, net, xg::adam{3e-3});
    const auto& model = update.model;
    float mean = 1;
    while (mean > 0.02f) // a value decides how long to go on
    {
        const std::size_t language = generator() % 3, which = generator() % 24; // the last six are kept apart
        const auto loss = xg::named(cross_entropy(model(tape, names[language][which]),
                                                  tape.input<std::int32_t, 1>(std::array{static_cast<int>(language)})));
        mean += 0.005f * (loss.value() - mean);
        backward(loss);
        update();
    }
    // [train end]
    std::cout << update.steps() << " names read; the loss is " << mean << "\n";

    // [use]
    int right = 0;
    const auto quiet = tape.without_gradients(); // nothing is remembered from here on
    for (std::size_t language = 0; language < 3; ++language)
        for (const std::string_view name : std::span(names[language]).last(6))
        {
            const auto guess = static_cast<std::size_t>(argmax(model(tape, name)).value()(0));
            std::cout << name << ": " << languages[guess] << (guess == language ? "\n" : ", not quite\n");
            right += guess == language;
        }
    // [use end]
    std::cout << right << " of 18 names that it never saw\n";
    return right >= 12 ? 0 : 1;
}
