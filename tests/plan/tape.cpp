// SPDX-License-Identifier: BSD-3-Clause
#include "both_ways.hpp"

#include <catch2/catch.hpp>

#include <xtensor/xview.hpp>

#include <memory>
#include <random>

namespace
{
    struct normalised
    {
        xg::linear<5, 6> hidden;
        xg::batch_norm<6> norm;
        xg::nn::dropout drop{0.3};
        xg::linear<6, 3> output;
        constexpr auto operator()(auto x) const { return output(drop(relu(norm(hidden(x))))); }
    };

    struct reader
    {
        xg::embedding<12, 8> letter;
        xg::linear<8, 8> from_letter, from_state;
        xg::linear<8, 12> next;
        constexpr auto read(auto c, auto state) const { return named(tanh(from_letter(letter(c)) + from_state(state))); }
    };
    constexpr auto letters_loss = [](const auto& model, auto text, auto state, auto following)
    {
        std::array<decltype(state), 4> states{};
        for (int t = 0; auto c : text)
            states[static_cast<std::size_t>(t++)] = state = model.read(c, state);
        return cross_entropy(model.next(stack(states)), following);
    };

    struct solution
    {
        xg::linear<1, 6, double> hidden;
        xg::linear<6, 1, double> output;
        constexpr auto operator()(auto x) const { return 1 + x * output(tanh(hidden(x))); }
    };
    constexpr auto residual_loss = xg::with_derivatives<1>(
        [](const auto& model, auto x)
        {
            auto u = model(x);
            auto slope = gradient(sum(u), x);
            return mean(square(slope + 2 * x * u));
        });

    bool same(const auto& a, const auto& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

    std::string refusal(auto&& f)
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
    }

    using Catch::Matchers::Contains;
}

TEST_CASE("a model gives the same loss and gradients on a tape", "[tape]")
{
    SECTION("a fused expression used twice, a batch that is not full")
    {
        auto net = xg::network<models::residual>(1);
        using x = xg::batch<8, float, 32>;
        using y = xg::batch<8, std::int32_t>;
        both_ways<1, x, y>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 5), random<y>(2, 0, 4, 5));
    }
    SECTION("an array of layers")
    {
        auto net = xg::network<models::deep<double, 3>>(1);
        using x = xg::batch<8, double, 8>;
        using y = xg::batch<8, std::int32_t>;
        both_ways<1, x, y>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 7), random<y>(2, 0, 3, 7));
    }
    SECTION("branches on members")
    {
        auto net = xg::network<models::branching{.deep = true}>(1);
        using x = xg::input<float, 3, 8>;
        using y = xg::input<std::int32_t, 3>;
        both_ways<1, x, y>(net, models::cross_entropy_loss, random<x>(1, -1, 1), random<y>(2, 0, 2));
    }
    SECTION("a loop over a tensor")
    {
        auto net = xg::network<models::char_rnn>(1);
        using text = xg::input<std::int32_t, 5, 3>;
        using state = xg::input<float, 3, 16>;
        using y = xg::input<std::int32_t, 3>;
        both_ways<1, text, state, y>(net, models::sequence_loss, random<text>(1, 0, 12), random<state>(2, -1, 1),
                                     random<y>(3, 0, 12));
    }
    SECTION("states in an array")
    {
        auto net = xg::network<reader>(1);
        using text = xg::input<std::int32_t, 4, 3>;
        using state = xg::input<float, 3, 8>;
        both_ways<1, text, state, text>(net, letters_loss, random<text>(1, 0, 12), random<state>(2, -1, 1),
                                        random<text>(3, 0, 12));
    }
    SECTION("running statistics and dropout")
    {
        auto net = xg::network<normalised>(1);
        using x = xg::batch<8, float, 5>;
        using y = xg::batch<8, std::int32_t>;
        both_ways<1, x, y>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 6), random<y>(2, 0, 3, 6));
    }
    SECTION("a gradient inside of the loss")
    {
        auto net = xg::network<solution>(1);
        using line = xg::input<double, 9, 1>;
        both_ways<2, line>(net, residual_loss, random<line>(1, -2, 2));
    }
}

TEST_CASE("a model's states are written when the run is over", "[tape]")
{
    using x = xg::batch<8, float, 5>;
    using y = xg::batch<8, std::int32_t>;
    auto net = xg::network<normalised>(1), other = xg::network<normalised>(1);
    const auto images = random<x>(1, -1, 1, 6);
    const auto labels = random<y>(2, 0, 3, 6);
    auto step = xg::training_step<x, y>(other, models::cross_entropy_loss, xg::sgd{.learning_rate = 0});
    step(images, labels);
    xg::tape tape;
    const auto model = tape.watch(net);
    backward(models::cross_entropy_loss(model, tape.input<x>(images), tape.input<y>(labels)));
    CHECK(same(net[net.model.norm.running_var], other[other.model.norm.running_var]));

    const auto quiet = tape.without_gradients(); // in prediction, statistics stay and nothing is dropped
    auto predict = xg::prediction<x>(net);
    const auto found = model(tape.input<x>(images)).value();
    const auto expected = predict(images); // which fuses a scale and a shift
    CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                     [](float a, float b) { return std::abs(a - b) <= 1e-6f; }));
}

TEST_CASE("loops and branches depend on values", "[tape]")
{
    auto net = xg::network<reader>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    std::mt19937 generator(1);
    for (const int length : {3, 9, 1})
    {
        auto state = tape.zeros<float, 1, 8>();
        auto loss = tape.zeros<float>();
        int steps = 0;
        for (int t = 0; t < length; ++t, ++steps)
        {
            state = model.read(tape.input<std::int32_t, 1>(std::array{t}), state);
            if (t % 2 == 1)
                loss = loss + cross_entropy(model.next(state), tape.input<std::int32_t, 1>(std::array{t + 1}));
            if (loss > 8) // looks at the value
                break;
        }
        CHECK((steps == length) == (loss.value() <= 8));
        CHECK((length != 9 || steps == 5)); // the third letter of about 2.8 takes it there
        if (length > 1)
            backward(loss);
        else
            CHECK_THAT(refusal([&] { backward(loss); }), Contains("depends on no parameter and no variable"));
    }
}

namespace
{
    struct tree
    {
        int word = 0;
        std::unique_ptr<tree> left, right;
    };

    struct tree_network // a recursive network over parse trees
    {
        xg::embedding<5, 6, double> word;
        xg::linear<6, 6, double> from_left, from_right;
        xg::linear<6, 1, double> score;

        auto read(auto& tape, const tree& t) const
        {
            if (!t.left)
                return xg::named(word(tape.template input<std::int32_t, 1>(std::array{t.word})));
            return xg::named(tanh(from_left(read(tape, *t.left)) + from_right(read(tape, *t.right))));
        }
    };

    std::unique_ptr<tree> grow(std::mt19937& generator, int depth)
    {
        auto t = std::make_unique<tree>();
        t->word = static_cast<int>(generator() % 5);
        if (depth > 0 && (depth > 3 || generator() % 3 > 0))
        {
            t->left = grow(generator, depth - 1);
            t->right = grow(generator, depth - 1);
        }
        return t;
    }
}

TEST_CASE("recursion over trees has the gradients that differences give", "[tape]")
{
    auto net = xg::network<tree_network>(3);
    std::mt19937 generator(2);
    xg::tape tape;
    const auto model = tape.watch(net);
    for (int repeated = 0; repeated < 2; ++repeated)
    {
        const auto sentence = grow(generator, 5);
        const auto value = [&]
        {
            tape.parameters_changed();
            const auto quiet = tape.without_gradients();
            return sum(model.score(model.read(tape, *sentence))).value();
        };
        tape.clear_gradients();
        tape.parameters_changed();
        backward(sum(model.score(model.read(tape, *sentence))));
        auto weight = net[net.model.from_left.weight];
        const xt::xtensor<double, 2> slope = tape.gradient(model.from_left.weight);
        for (std::size_t i = 0; i < weight.size(); i += 7)
        {
            const double before = weight.data()[i], h = 1e-6;
            weight.data()[i] = before + h;
            const double above = value();
            weight.data()[i] = before - h;
            const double below = value();
            weight.data()[i] = before;
            CHECK(slope.data()[i] == Approx((above - below) / (2 * h)).margin(1e-8));
        }
    }
}

TEST_CASE("gradients of gradients are variables", "[tape]")
{
    xg::basic_tape<2> tape;
    const auto x = tape.variable<double, 3>(std::array{0.5, -1.0, 2.0});
    const auto v = tape.input<double, 3>(std::array{1.0, 2.0, -1.0});
    const auto y = sum(x * x * x);
    const auto slope = gradient(y, x);
    CHECK(slope.value()(1) == Approx(3));
    const auto product = gradient(sum(slope * v), x); // the Hessian times v: 6 x v
    CHECK(product.value()(0) == Approx(3));
    CHECK(product.value()(2) == Approx(-12));
    backward(sum(square(slope))); // a penalty on the gradient: sum (3 x^2)^2, so 36 x^3
    CHECK(tape.gradient(x)(0) == Approx(4.5));
    CHECK(tape.gradient(x)(2) == Approx(288));
    const auto [a, b] = gradient(sum(x) * 2.0, x, v);
    CHECK(a.value()(2) == 2);
    CHECK(b.value()(0) == 0); // it does not depend on v
}

TEST_CASE("gradients add up until they are cleared", "[tape]")
{
    xg::tape tape;
    const auto x = tape.variable<float, 2>(std::array{1.f, 2.f});
    const auto y = xg::named(sum(square(x)));
    CHECK(tape.gradient(x)(0) == 0);
    backward(y, xg::keep_graph);
    backward(y);
    CHECK(tape.gradient(x)(1) == 8);
}

TEST_CASE("batches of any number of rows", "[tape]")
{
    auto net = xg::network<models::residual>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    using x = xg::batch<xg::any_rows, float, 32>;
    using y = xg::batch<xg::any_rows, std::int32_t>;
    for (const std::size_t rows : {1u, 3u, 70u})
    {
        const auto images = random<xg::input<float, 70, 32>>(1, -1, 1, rows);
        const auto labels = random<xg::input<std::int32_t, 70>>(2, 0, 4, rows);
        const auto loss = xg::named(cross_entropy(model(tape.input<x>(images)), tape.input<y>(labels)));
        double expected = 0;
        for (std::size_t i = 0; i < rows; ++i)
            expected += cross_entropy(model(tape.input<float, 1, 32>(xt::view(images, xt::range(i, i + 1), xt::all()))),
                                      tape.input<std::int32_t, 1>(std::array{labels(i)}))
                            .value();
        CHECK(loss.value() == Approx(expected / static_cast<double>(rows)));
        backward(loss);
    }
}

TEST_CASE("what goes wrong on a tape is said with names and extents", "[tape]")
{
    auto net = xg::network<models::residual>(1);
    auto tape = std::make_unique<xg::tape>();
    const auto model = tape->watch(net);
    using batch = xg::batch<8, float, 32>;
    const auto three = tape->input<batch>(random<batch>(1, -1, 1, 3)), five = tape->input<batch>(random<batch>(1, -1, 1, 5));

    CHECK_THAT(refusal([&] { sum(three * five).value(); }),
               Contains("batches of 3 and of 5 rows: input0 float[3, 32] and input1 float[5, 32]"));
    CHECK_THAT(refusal([&] { (void)tape->input<batch>(random<batch>(1, -1, 1, 9)); }),
               Contains("input 2 must be float[<=8, 32], but [9, 32] came"));

    xg::tape other;
    CHECK_THAT(refusal([&] { sum(three * other.input<batch>(random<batch>(1, -1, 1, 3))).value(); }), Contains("on two tapes"));
    CHECK_THAT(refusal([&] { (model.hidden.bias + other.watch(net).hidden.bias); }), Contains("on two tapes"));

    const auto loss = xg::named(mean(model(three)));
    backward(loss);
    CHECK_THAT(refusal([&] { backward(loss); }), Contains("an earlier backward gave it up") && Contains("float[]"));
    const auto h = xg::named(model(three));
    backward(mean(h));
    CHECK_THAT(refusal([&] { backward(mean(square(h))); }),
               Contains("stop_gradient(value)") && Contains("output.weight") && Contains("float[3, 4]"));
    CHECK_NOTHROW(backward(mean(model.output(tanh(model.hidden(three) + mean(stop_gradient(h)))))));

    const auto late = xg::named(mean(model(three)));
    tape->parameters_changed();
    CHECK_THAT(refusal([&] { backward(late); }), Contains("parameters have changed"));

    const auto infinite = xg::named(mean(model(three)) / 0.f);
    CHECK_THAT(refusal([&] { backward(infinite); }), Contains("no gradient was added"));

    tape->check_finite();
    CHECK_THAT(refusal([&] { log(model.hidden(three) - 1e9f).value(); }),
               Contains("= log(%") && Contains("= (matmul(input0, hidden.weight^T) + hidden.bias) - 1000000000") &&
                   Contains("is nan"));
    tape->check_finite(false);

    decltype(tape->zeros<float, 3>()) nothing{};
    CHECK_THAT(refusal([&] { (void)nothing.value(); }), Contains("no value yet"));
    CHECK_THAT(refusal([&] { sum(tape->zeros<float, 3>() + nothing).value(); }), Contains("no value yet"));

    tape.reset();
    CHECK_THAT(refusal([&] { (void)three.value(); }), Contains("the tape of this value is gone"));
    CHECK_THAT(refusal([&] { sum(three).value(); }), Contains("the tape of this value is gone"));
    CHECK_THAT(refusal([&] { (void)xg::named(model.hidden.weight + 1); }), Contains("the tape of this value is gone"));
    CHECK_THAT(refusal([&] { backward(loss); }), Contains("the tape of this value is gone"));
}

TEST_CASE("an exception on the way leaves the tape as it was", "[tape]")
{
    auto net = xg::network<reader>(1);
    xg::tape tape;
    const auto model = tape.watch(net);
    const int before = tape.values();
    CHECK_THROWS_AS(model.letter(tape.input<std::int32_t, 1>(std::array{99})).value(), xg::range_error);
    CHECK(tape.values() == before);
}
