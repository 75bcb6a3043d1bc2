// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xgrad/nn/nn.hpp>
#include <xgrad/optim/optim.hpp>

namespace
{
    template <class T, int Inputs, int Hidden, int Classes>
    struct classifier
    {
        xg::linear<Inputs, Hidden, T> first;
        xg::linear<Hidden, Hidden, T> second;
        xg::linear<Hidden, Classes, T> output;
        constexpr auto operator()(auto x) const { return output(relu(second(tanh(first(x))))); }
    };

    struct mean_loss
    {
        constexpr auto operator()(const auto& model, auto x, auto labels) const { return cross_entropy(model(x), labels); }
    };

    // Batches of the largest size run as straight code, smaller ones through the list: the same rows, the same numbers.
    template <class T, int Rows, int Inputs, int Hidden, int Classes>
    void both_ways()
    {
        INFO(Rows << " of " << Inputs << ", " << Hidden << ", " << Classes);
        using model = classifier<T, Inputs, Hidden, Classes>;
        using points = xg::batch<Rows, T, Inputs>;
        using larger = xg::batch<Rows + 1, T, Inputs>;
        auto straight_net = xg::network<model>(1), list_net = xg::network<model>(1);
        auto straight = xg::training_step<points, xg::batch<Rows, std::int32_t>>(straight_net, mean_loss{}, xg::adam{1e-2});
        auto list = xg::training_step<larger, xg::batch<Rows + 1, std::int32_t>>(list_net, mean_loss{}, xg::adam{1e-2});
        STATIC_REQUIRE(xg::unrolls(straight.graph.view()));
        const double close = std::is_same_v<T, float> ? 2e-5 : 1e-11;
        for (int round = 0; round < 4; ++round)
        {
            const auto x = check::random<points>(static_cast<unsigned>(round), -1, 1, Rows);
            xt::xtensor<std::int32_t, 1> labels = xt::zeros<std::int32_t>({Rows});
            for (std::size_t i = 0; i < Rows; ++i)
                labels(i) = static_cast<std::int32_t>(i * 7 + i / 3) % Classes;
            CHECK(std::abs(straight(x, labels) - list(x, labels)) <= close);
        }
        CHECK(check::distance(straight_net.parameters(), list_net.parameters()) <= 10 * close);
        auto predict = xg::prediction<points>(straight_net);
        auto from_list = xg::prediction<larger>(straight_net);
        const auto x = check::random<points>(9, -1, 1, Rows);
        CHECK(check::distance(predict(x), from_list(x)) <= close);
    }

    struct echo
    {
        xg::gru_cell<3, 5, double> first;
        xg::lstm_cell<5, 7, double> second;
        xg::linear<7, 2, double> output;
        xg::state<double, xg::extents<5>> heard{xg::zeros};
        xg::state<double, xg::extents<7>> h{xg::zeros}, c{xg::zeros};
        constexpr auto operator()(auto sample) const
        {
            auto from_first = first(sample, heard);
            auto next = second(from_first, xg::lstm_state{h, c});
            heard = from_first;
            h = next.h;
            c = next.c;
            return output(next.h);
        }
    };
}

TEST_CASE("straight code computes what the list computes", "[plan]")
{
    both_ways<float, 32, 2, 16, 2>();
    both_ways<float, 1, 1, 3, 2>();
    both_ways<double, 5, 7, 17, 3>();
}

TEST_CASE("a cell that keeps its state streams, frozen or not, as on a tape", "[plan]")
{
    auto net = xg::network<echo>(1), frozen_net = xg::network<echo>(1), tape_net = xg::network<echo>(1);
    auto plain = xg::prediction<xg::input<double, 3>>(net);
    auto frozen = xg::prediction<xg::input<double, 3>>(frozen_net, xg::frozen);
    STATIC_REQUIRE(xg::unrolls(plain.graph.view()));
    for (int t = 0; t < 20; ++t)
    {
        const auto x = check::random<xg::input<double, 3>>(static_cast<unsigned>(t), -1, 1);
        xg::tape tape;
        const auto model = tape.watch(tape_net);
        const xt::xtensor<double, 1> expected = named(model(tape.input<double, 3>(x))).value();
        tape.finish();
        CHECK(check::distance(plain(x), expected) <= 1e-12);
        CHECK(check::distance(frozen(x), expected) <= 1e-12);
    }
    frozen_net[frozen_net.model.h].fill(0);
    CHECK(check::distance(frozen(xt::xtensor<double, 1>{1, 2, 3}), plain(xt::xtensor<double, 1>{1, 2, 3})) > 1e-3);
}

TEST_CASE("a result that is an input, or a part of one, is that of this run", "[plan]")
{
    auto same = xg::compile<xg::input<float, 4>>([](auto x) { return xg::reshape<2, 2>(x); });
    auto part = xg::compile<xg::input<float, 4>>([](auto x) { return xg::slice<0, 1, 3>(x); });
    const xt::xtensor<float, 1> a{1, 2, 3, 4}, b{5, 6, 7, 8};
    CHECK(same(a)(1, 1) == 4);
    CHECK(same(b)(1, 1) == 8);
    CHECK(part(a)(0) == 2);
    CHECK(part(b)(0) == 6);
    CHECK(part.plan.bytes == 64);
}
