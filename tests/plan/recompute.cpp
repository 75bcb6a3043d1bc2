// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

namespace
{
    struct layer
    {
        xg::linear<24, 24> hidden;
        xg::batch_norm<24> norm;
        xg::nn::dropout drop{0.2};
        constexpr auto operator()(auto x) const { return xg::named(x + drop(tanh(norm(hidden(x))))); }
    };
    struct stack
    {
        std::array<layer, 24> layers;
        xg::linear<24, 3> output;

        auto operator()(const auto& call, auto x) const
        {
            auto h = xg::named(x * 1);
            for (std::size_t first = 0; first < layers.size(); first += 4)
                h = call([this, first](auto y)
                         { return layers[first + 3](layers[first + 2](layers[first + 1](layers[first](y)))); }, h);
            return output(h);
        }
    };
    constexpr auto plain = [](const auto& f, const auto& x) { return f(x); };
    constexpr auto again = [](const auto& f, const auto& x) { return xg::recompute(f, x); };

    using images = xg::batch<64, float, 24>;
    using labels = xg::batch<64, std::int32_t>;

    /// Losses and gradients of a few steps, and the memory that they take.
    struct outcome
    {
        std::vector<float> numbers;
        std::size_t bytes;
    };
    outcome train(const auto& call)
    {
        auto net = xg::network<stack>(1);
        xg::tape tape;
        xg::updates update(tape, net, xg::adam{}, 5);
        xt::xtensor<float, 2> x = xt::zeros<float>({64, 24});
        xt::xtensor<std::int32_t, 1> y = xt::zeros<std::int32_t>({64});
        for (std::size_t i = 0; i < x.size(); ++i)
            x.data()[i] = static_cast<float>(i * 7 % 31) / 31 - 0.5f;
        outcome result{};
        for (int step = 0; step < 3; ++step)
        {
            const auto loss = xg::named(cross_entropy(update.model(call, tape.input<images>(x)), tape.input<labels>(y)));
            backward(loss);
            result.numbers.push_back(loss.value());
            const auto* const g = reinterpret_cast<const float*>(tape.gradients(net));
            result.numbers.insert(result.numbers.end(), g, g + net.size());
            update();
        }
        result.numbers.insert(result.numbers.end(), net.data(), net.data() + net.size() + net.state_size());
        result.bytes = tape.memory_bytes();
        return result;
    }
}

TEST_CASE("what is computed again has the same numbers to the bit, and takes less memory", "[tape]")
{
    const outcome kept = train(plain), computed = train(again);
    CHECK(kept.numbers == computed.numbers);
    CHECK(kept.numbers.size() > 1000);
    CHECK(5 * computed.bytes < 3 * kept.bytes);
}

TEST_CASE("functions of several tensors are computed again, inside of each other, for gradients of gradients", "[tape]")
{
    xg::basic_tape<2> tape;
    const auto x = tape.variable<double, 5>(std::array{0.5, -1.0, 2.0, 0.1, 0.3});
    const auto w = tape.variable<double, 5>(std::array{1.5, 0.7, -0.2, 0.4, 1.0});
    const auto captured = tape.variable<double, 5>(std::array{0.5, 0.6, 0.7, 0.8, 0.9});
    const auto f = [captured](auto a, auto b)
    {
        const auto inner = [](auto c) { return xg::named(tanh(c) * c); };
        const auto h = xg::recompute(inner, a * b);
        return xg::lstm_state{xg::named(h * captured), xg::named(exp(h) + a)};
    };
    const auto run = [&](const auto& call)
    {
        const auto [h, c] = call(f, x, w);
        const auto loss = xg::named(sum(h * c) + sum(square(c)));
        const auto [dx, dw, dc] = gradient(loss, x, w, captured);
        const auto second = gradient(sum(dx * dw), x);
        std::vector<double> found{loss.value()};
        for (const auto& each : {dx, dw, dc})
            for (const double number : each.value())
                found.push_back(number);
        for (const double number : second.value())
            found.push_back(number);
        backward(sum(square(dx)) + sum(h), xg::keep_graph);
        backward(sum(h));
        for (const auto& each : {x, w, captured})
            for (const double number : tape.gradient(each))
                found.push_back(number);
        return found;
    };
    const auto expected = run([](const auto& g, const auto&... each) { return g(each...); });
    // the gradients of before are added to once more
    const auto found = run([](const auto& g, const auto&... each) { return xg::recompute(g, each...); });
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == Approx(i < 21 ? expected[i] : 2 * expected[i]));
}

TEST_CASE("what is computed again is not kept longer than it is needed", "[tape]")
{
    auto tape = std::make_unique<xg::tape>();
    const auto x = tape->variable<float, 5>(std::array{0.5f, -1.0f, 2.0f, 0.1f, 0.3f});
    const auto f = [](auto a) { return exp(tanh(a * a) * a); };
    backward(sum(xg::recompute(f, x)));
    const int before = tape->values();
    {
        const auto y = xg::recompute(f, x);
        CHECK(tape->values() == before + 3); // the result twice, and how to compute it
    }
    CHECK(tape->values() == before);
    {
        const auto quiet = tape->without_gradients();
        const auto y = xg::recompute(f, x);
        CHECK(tape->values() == before + 1);
    }
    const auto z = tape->input<float, 5>(std::array{0.5f, -1.0f, 2.0f, 0.1f, 0.3f});
    auto y = xg::recompute([x](auto a) { return a * x; }, z); // a gradient goes to what the function holds
    backward(sum(y));
    CHECK(tape->gradient(x)(2) != 0);
    CHECK_THROWS_WITH(backward(sum(y)), Catch::Matchers::Contains("an earlier backward gave it up"));
    y = xg::recompute([x](auto a) { return a * x; }, z);
    CHECK_THROWS_AS(xg::recompute([](auto a) -> decltype(a) { throw xg::error("no"); }, z), xg::error);
    backward(sum(y * xg::recompute(f, x)));
    y = xg::recompute([x](auto a) { return a * x; }, z);
    tape.reset(); // functions that hold names do not keep it
    CHECK_THROWS_WITH(xg::recompute(f, x), Catch::Matchers::Contains("the tape of this value is gone"));

    auto direct = xg::compile<xg::input<float, 5>>([](auto a) { return sum(xg::recompute([](auto b) { return b * b; }, a)); });
    CHECK(direct(std::array{1.f, 2.f, 0.f, 0.f, 3.f})() == 14);
}
