// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/checkpoint.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <filesystem>

namespace
{
    struct model
    {
        xg::linear<5, 8> hidden;
        xg::nn::dropout drop{0.2};
        xg::linear<8, 3> output;
        constexpr auto operator()(auto x) const { return output(drop(tanh(hidden(x)))); }
    };
    constexpr auto loss = [](const auto& model, auto x, auto y) { return cross_entropy(model(x), y); };
    using inputs = xg::batch<8, float, 5>;
    using labels = xg::batch<8, std::int32_t>;

    const xt::xtensor<float, 2> x{{1, 2, 3, 4, 5}, {-1, 0, 1, 0, 2}, {0.5, 0.25, -3, 1, 0}};
    const xt::xtensor<std::int32_t, 1> y{0, 2, 1};

    bool same_parameters(const auto& a, const auto& b) { return std::equal(a.data(), a.data() + a.size(), b.data()); }
}

TEST_CASE("steps on a tape are those of a compiled program", "[optim]")
{
    const auto compare = [](const auto& optimizer)
    {
        auto net = xg::network<model>(1), other = xg::network<model>(1);
        auto step = xg::training_step<inputs, labels>(other, loss, optimizer, 3);
        xg::tape tape;
        xg::updates update(tape, net, optimizer, 3);
        for (int i = 0; i < 5; ++i)
        {
            const float expected = step(x, y);
            const auto value = xg::named(loss(update.model, tape.input<inputs>(x), tape.input<labels>(y)));
            CHECK(value.value() == expected);
            backward(value);
            update();
        }
        CHECK(update.steps() == 5);
        CHECK(same_parameters(net, other));
    };
    compare(xg::sgd{.learning_rate = 0.1, .momentum = 0.9});
    compare(xg::adam{0.01});
    compare(xg::clip_by_norm{xg::adam{0.01}, 0.1});
}

TEST_CASE("training on a tape resumes from a checkpoint", "[optim]")
{
    const auto path = std::filesystem::temp_directory_path() / "xgrad_tape_checkpoint.safetensors";
    const auto train = [](auto& tape, auto& update, int steps)
    {
        for (int i = 0; i < steps; ++i)
        {
            backward(loss(update.model, tape.template input<inputs>(x), tape.template input<labels>(y)));
            update();
        }
    };
    auto net = xg::network<model>(1);
    xg::tape tape;
    xg::updates update(tape, net, xg::adam{0.01}, 7);
    train(tape, update, 4);
    xg::save(net, update, path);
    train(tape, update, 3);

    auto again = xg::network<model>();
    xg::tape other;
    xg::updates resumed(other, again, xg::adam{0.01});
    xg::load(again, resumed, path);
    std::filesystem::remove(path);
    CHECK(resumed.steps() == 4);
    train(other, resumed, 3);
    CHECK(same_parameters(net, again));
}
