// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

#include <iostream>

namespace
{
    template <class Model, class... Inputs>
    using prediction_of = decltype(xg::prediction<Inputs...>(std::declval<xg::basic_network<xg::default_model<Model>>&>()));
    template <class Model, class Loss, class... Inputs>
    using training_of = decltype(xg::training_step<Inputs...>(std::declval<xg::basic_network<xg::default_model<Model>>&>(),
                                                              Loss{}, xg::adam{}));

    using entropy = decltype(models::cross_entropy_loss);
    using sequence = decltype(models::sequence_loss);
    using perceptron_prediction = prediction_of<models::perceptron, xg::batch<64, float, 784>>;
    using perceptron_training =
        training_of<models::perceptron, entropy, xg::batch<64, float, 784>, xg::batch<64, std::int32_t>>;
    using residual_prediction = prediction_of<models::residual, xg::batch<8, float, 32>>;
    using residual_training = training_of<models::residual, entropy, xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>;
    using deep_training = training_of<models::deep<float>, entropy, xg::batch<8, float, 8>, xg::batch<8, std::int32_t>>;
    using recurrent_training = training_of<models::char_rnn, sequence, xg::input<std::int32_t, 64, 8>, xg::input<float, 8, 16>,
                                           xg::input<std::int32_t, 8>>;

    // what the compiler knows: three fused layers; a named value computed once
    static_assert(perceptron_prediction::graph.view().statements() == 3);
    static_assert(residual_prediction::graph.view().statements() == 3);
    static_assert(perceptron_training::graph.view().statements() == 21);
    static_assert(perceptron_training::plan.bytes == 266'240); // README.md says so

    // 2 m n k of each product, one more for the bias and one for relu
    static_assert(perceptron_prediction::graph.view().flops() ==
                  2 * 64 * (784 * 256 + 256 * 128 + 128 * 10) + 64 * (2 * 256 + 2 * 128 + 10));
    // forward and both gradients of every product but the first, whose input's gradient nobody asked for
    static_assert(perceptron_training::graph.view().flops() > 2 * 64 * (2 * 784 * 256 + 3 * (256 * 128 + 128 * 10)));
    static_assert(perceptron_training::graph.view().flops() <
                  2.2 * 64 * (2 * 784 * 256 + 3 * (256 * 128 + 128 * 10)) + 20 * 235146);
    static_assert(xg::basic_network<xg::default_model<models::perceptron>>::parameter_count() ==
                  784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);

    // no more than the largest live set and a tenth
    template <class Program>
    constexpr bool tight = Program::plan.bytes * 10 <= Program::plan.largest_live * 11;
    static_assert(tight<perceptron_prediction> && tight<perceptron_training> && tight<residual_prediction> &&
                  tight<residual_training> && tight<deep_training> && tight<recurrent_training>);
    static_assert(residual_prediction::plan.bytes > 0 && residual_prediction::plan.bytes < 40000);

    template <class Program>
    void show(const char* name)
    {
        std::cout << name << ": " << Program::graph.view().statements() << " statements, " << Program::plan.bytes
                  << " bytes planned, " << Program::plan.largest_live << " bytes in the largest live set\n";
    }
}

TEST_CASE("plans are tight", "[plan]")
{
    show<perceptron_prediction>("perceptron, prediction");
    show<perceptron_training>("perceptron, training");
    show<residual_training>("residual block, training");
    show<deep_training>("24 blocks, training");
    show<recurrent_training>("recurrent over 64 steps, training");
    CHECK(tight<perceptron_training>);
}

TEST_CASE("no two values that live at once share memory", "[plan]")
{
    // replays the plan: every statement's result must still be whole when its last reader comes
    const auto check = [](const xg::graph_view& g, const auto& plan)
    {
        const int count = static_cast<int>(g.records.size());
        std::vector<int> last(static_cast<std::size_t>(count), -1);
        for (int id = 0; id < count; ++id)
            if (g.records[static_cast<std::size_t>(id)].from == xg::source::statement)
                for (const int operand : g.operands_of(id))
                    last[static_cast<std::size_t>(xg::root_of(g, operand))] = id;
        for (const int id : g.outputs)
            last[static_cast<std::size_t>(xg::root_of(g, id))] = count;
        int pairs = 0, clashes = 0;
        for (int a = 0; a < count; ++a)
            for (int b = a + 1; b < count; ++b)
            {
                const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
                if (plan.offset[i] < 0 || plan.offset[j] < 0)
                    continue;
                const auto end_a = plan.offset[i] + g.records[i].bytes(), end_b = plan.offset[j] + g.records[j].bytes();
                const bool overlap = plan.offset[i] < end_b && plan.offset[j] < end_a;
                // b may be written over a in a's last statement if it is elementwise and of the same shape
                const bool over = last[i] == b && g.records[j].op->in_place && plan.offset[i] == plan.offset[j] &&
                                  g.records[i].extents == g.records[j].extents;
                ++pairs;
                clashes += overlap && last[i] >= b && !over;
            }
        CHECK(pairs > 0);
        CHECK(clashes == 0);
    };
    check(perceptron_training::graph.view(), perceptron_training::plan);
    check(deep_training::graph.view(), deep_training::plan);
    check(recurrent_training::graph.view(), recurrent_training::plan);
}
