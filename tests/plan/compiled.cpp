// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <random>

namespace
{
    template <class... Extents>
    auto random(unsigned seed, double low, double high, Extents... extents)
    {
        xt::xtensor<float, sizeof...(Extents)> result(
            std::array<std::size_t, sizeof...(Extents)>{static_cast<std::size_t>(extents)...});
        std::mt19937 generator(seed);
        std::uniform_real_distribution<double> uniform(low, high);
        for (auto& value : result)
            value = static_cast<float>(uniform(generator));
        return result;
    }

    bool same(const auto& a, const auto& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

    bool nearly(float a, float b) { return std::abs(a - b) <= 1e-6f * std::max(1.f, std::abs(b)); }

    struct cell
    {
        xg::linear<5, 7> from_input;
        xg::linear<7, 7> from_state;
        constexpr auto operator()(auto x, auto state) const { return tanh(from_input(x) + from_state(state)); }
    };
    struct reader
    {
        xg::embedding<11, 5> letter;
        xg::rnn_cell<5, 7> plain;
        xg::lstm_cell<5, 7> lstm;
        xg::linear<7, 3> output;
    };

    /// All gradients of a network on a tape.
    auto gradients(auto& tape, auto& net)
    {
        const auto* const from = reinterpret_cast<const float*>(tape.gradients(net));
        return std::vector<float>(from, from + net.size());
    }
}

TEST_CASE("a compiled cell in a loop has the numbers of the loop", "[tape]")
{
    auto net = xg::network<reader>(1);
    const auto text = std::array{3, 1, 4, 1, 5, 9, 2, 6};
    xg::tape tape;
    const auto model = tape.watch(net);
    const auto run = [&](const auto& plain, const auto& lstm)
    {
        tape.clear_gradients();
        auto h = tape.zeros<float, 1, 7>();
        xg::lstm_state state{h, h};
        for (const int c : text)
        {
            const auto x = xg::named(model.letter(tape.input<std::int32_t, 1>(std::array{c})));
            h = plain(x, h);
            state = lstm(x, state);
        }
        const auto loss = xg::named(cross_entropy(model.output(h + state.c), tape.input<std::int32_t, 1>(std::array{2})) +
                                    mean(square(state.h)));
        backward(loss);
        return std::make_pair(loss.value(), gradients(tape, net));
    };
    const auto [loss, slopes] = run(model.plain, model.lstm);
    for (int repeated = 0; repeated < 2; ++repeated)
    {
        const auto [other_loss, other_slopes] = run(xg::compiled(model.plain), xg::compiled(model.lstm));
        CHECK(other_loss == loss);
        CHECK(same(other_slopes, slopes));
    }
}

namespace
{
    struct block
    {
        xg::linear<6, 6> hidden;
        xg::batch_norm<6> norm;
        xg::nn::dropout drop{0.4};
        constexpr auto operator()(auto x) const
        {
            auto h = drop(relu(norm(hidden(x))));
            return h + drop(x); // two places that draw
        }
    };
    struct classifier
    {
        block first, second;
        xg::linear<6, 3> output;
    };

    struct pair_of_results
    {
        xg::linear<4, 4> a;
        constexpr auto operator()(auto x, auto y) const
        {
            auto h = xg::named(sigmoid(a(x)) * y);
            return std::make_tuple(h, x, sum(h * y), h);
        }
    };
}

TEST_CASE("a compiled model drops, normalises and takes batches as the model does", "[tape]")
{
    auto net = xg::network<classifier>(1), other = xg::network<classifier>(1);
    using batch = xg::batch<8, float, 6>;
    using labels = xg::batch<8, std::int32_t>;
    xg::tape tape, other_tape;
    const auto model = tape.watch(net);
    const auto other_model = other_tape.watch(other);
    const auto compiled = xg::compiled(other_model.second);
    std::mt19937 generator(1);
    for (const std::size_t rows : {8u, 3u, 8u, 1u})
    {
        const auto x = random(static_cast<unsigned>(rows), -1, 1, rows, 6);
        xt::xtensor<std::int32_t, 1> y = xt::zeros<std::int32_t>({rows});
        for (auto& label : y)
            label = static_cast<std::int32_t>(generator() % 3);
        const auto run = [&](auto& on, auto& of, const auto& with, const auto& second)
        {
            on.random() = {7, rows};
            const auto loss = xg::named(
                cross_entropy(with.output(second(with.first(on.template input<batch>(x)))), on.template input<labels>(y)));
            backward(loss);
            on.parameters_changed();
            const auto quiet = on.without_gradients();
            const auto predicted = second(on.template input<batch>(x));
            auto found = gradients(on, of);
            found.push_back(loss.value());
            for (const float number : predicted.value())
                found.push_back(number);
            on.clear_gradients();
            return found;
        };
        const auto expected = run(tape, net, model, model.second);
        const auto found = run(other_tape, other, other_model, compiled);
        CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end(), nearly)); // the scale of a norm is fused
        CHECK(same(net[net.model.second.norm.running_mean], other[other.model.second.norm.running_mean]));
        CHECK(net[net.model.second.norm.running_mean](0) != 0);
    }
}

TEST_CASE("a compiled function of models gives several results", "[tape]")
{
    auto net = xg::network<pair_of_results>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const auto x = tape.variable<float, 3, 4>(random(1, -1, 1, 3, 4)), y = tape.variable<float, 3, 4>(random(2, -1, 1, 3, 4));
    constexpr auto both = [](const auto& m, auto a, auto b)
    {
        const auto [h, again, total, h2] = m(a, b);
        return std::make_tuple(h, again, named(h2 * 2), total);
    };
    const auto run = [&](const auto& f, const auto& a, const auto& b)
    {
        tape.clear_gradients();
        const auto [h, again, twice, total] = f(model, a, b);
        const auto loss = xg::named(sum(h * again) + sum(square(twice) * h) + total * total);
        const auto [da, db] = gradient(loss, a, b);
        std::vector<float> found{loss.value()};
        for (const float number : da.value())
            found.push_back(number);
        for (const float number : db.value())
            found.push_back(number);
        backward(loss, xg::keep_graph);
        backward(loss);
        const auto slopes = gradients(tape, net);
        found.insert(found.end(), slopes.begin(), slopes.end());
        return found;
    };
    const auto expected = run(both, x, y), found = run(xg::compiled(both), x, y);
    CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end(), nearly));
    CHECK(expected[1] != 0);
    const auto one = run(both, x, x), same_operand = run(xg::compiled(both), x, x);
    CHECK(std::equal(same_operand.begin(), same_operand.end(), one.begin(), one.end(), nearly));

    // as in a compiled program
    auto direct = xg::compile<xg::input<float, 3, 4>>(net, [](const auto& m, auto a)
                                                      { return sum(a * std::get<0>(xg::compiled(m)(a, a))); });
    CHECK(direct(random(1, -1, 1, 3, 4))() == Approx(sum(x * std::get<0>(model(x, x))).value()));
}

namespace
{
    struct letters_model
    {
        xg::embedding<9, 4, double> letter;
        models::deep<double, 12> layers; // more parameters than bits that say which gradients are asked for
        constexpr auto operator()(auto text) const
        {
            const auto x = letter(text); // [batch, 4]
            return layers(concatenate<1>(x, x * 0.5));
        }
    };
}

TEST_CASE("a compiled model has any number of parameters, and labels for inputs", "[tape]")
{
    auto net = xg::network<letters_model>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const auto text = tape.input<std::int32_t, 3>(std::array{1, 8, 1});
    const auto run = [&](const auto& f)
    {
        tape.clear_gradients();
        backward(sum(square(f(text))));
        const auto* const from = reinterpret_cast<const double*>(tape.gradients(net));
        return std::vector<double>(from, from + net.size());
    };
    CHECK(run(xg::compiled(model)) == run(model));
    const auto some = [&](const auto& f) // of one parameter in the middle and of the last
    {
        const auto [a, b] = gradient(sum(square(f(text))), model.layers.blocks[7].norm.weight, model.layers.last.bias);
        std::vector<double> found(a.value().begin(), a.value().end());
        for (const double number : b.value())
            found.push_back(number);
        return found;
    };
    CHECK(some(xg::compiled(model)) == some(model));
    CHECK_THROWS_AS(xg::compiled(model)(tape.input<std::int32_t, 3>(std::array{1, 9, 1})), xg::range_error);
}

TEST_CASE("a compiled function may take gradients itself", "[tape]")
{
    constexpr auto f = xg::with_derivatives<1>([](auto x) { return gradient(sum(x * x * x), x); });
    xg::tape tape;
    const auto x = tape.variable<float, 3>(std::array{1.f, 2.f, -3.f});
    backward(sum(xg::compiled(f)(x))); // 3 x^2, so 6 x
    CHECK(tape.gradient(x)(1) == 12);
    CHECK(tape.gradient(x)(2) == -18);
}

TEST_CASE("a compiled cell is one value a step, and none that nobody needs", "[tape]")
{
    auto net = xg::network<cell>(1);
    xg::tape tape;
    const auto compiled = xg::compiled(tape.watch(net));
    const auto x = tape.input<float, 1, 5>(random(1, -1, 1, 1, 5));
    auto h = compiled(x, tape.zeros<float, 1, 7>());
    backward(sum(square(h))); // the constants of the gradient are there from now on
    h = compiled(x, stop_gradient(h));
    const int before = tape.values();
    h = compiled(x, h);
    CHECK(tape.values() == before + 1);
    h = compiled(x, h);
    CHECK(tape.values() == before + 2);
    {
        const auto quiet = tape.without_gradients();
        const auto next = compiled(x, stop_gradient(h));
        CHECK(tape.values() == before + 3);
    }
    backward(sum(square(h)));
    CHECK(tape.values() == before - 2); // of all steps only the last h is left
}

TEST_CASE("mistakes with compiled models", "[tape]")
{
    const auto refusal = [](auto&& f) -> std::string
    {
        try
        {
            f();
        }
        catch (const xg::error& e)
        {
            return e.what();
        }
        return "";
    };
    using Catch::Matchers::Contains;
    auto net = xg::network<models::branching{.deep = true}>(1);
    xg::tape tape, other;
    const auto model = tape.watch(net);
    CHECK_THAT(refusal([&] { (void)xg::compiled(model); }), Contains("settings that its type does not say"));
    const auto known = xg::compiled<models::branching{.deep = true}>(model);
    const auto x = tape.input<float, 2, 8>(random(1, -1, 1, 2, 8));
    CHECK(same(known(x).value(), model(x).value()));
    CHECK_THAT(refusal([&] { (void)xg::compiled<models::branching{}>(model); }), Contains("other settings"));
    CHECK_THAT(refusal([&] { (void)known(other.input<float, 2, 8>(random(1, -1, 1, 2, 8))); }), Contains("on two tapes"));
    CHECK_THAT(refusal([&] { (void)xg::compiled(models::branching{})(x); }), Contains("belongs to no network"));

    using batch = xg::batch<4, float, 3>;
    constexpr auto together = xg::compiled([](auto a, auto b) { return sum(a * b); });
    CHECK_THAT(
        refusal([&] { (void)together(tape.input<batch>(random(1, -1, 1, 3, 3)), tape.input<batch>(random(1, -1, 1, 2, 3))); }),
        Contains("batches of 3 and of 2 rows"));

    const auto root = xg::compiled([](auto a) { return sum(sqrt(a)); });
    const auto zero = tape.variable<float, 2>(std::array{0.f, 1.f});
    tape.check_finite();
    CHECK_THAT(refusal([&] { backward(root(zero)); }),
               Contains("element 0 of the gradient of input") && Contains("float[2] is infinite"));
    CHECK_THAT(refusal([&] { (void)xg::compiled([](auto a) { return log(a); })(zero); }),
               Contains("= compiled(input") && Contains("minus infinite"));
}
