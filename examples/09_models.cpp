// SPDX-License-Identifier: BSD-3-Clause
// Ways to write a model, and what the compiler knows about each. docs/models.md explains them.
#include <xgrad/xgrad.hpp>
#include <iostream>

// [names]
struct residual
{
    xg::linear<32, 32> hidden, skip;
    xg::linear<32, 4> output;

    constexpr auto operator()(auto x) const
    {
        auto h = relu(hidden(x)); // a name: computed once, used twice
        return output(h + tanh(skip(h)));
    }
};
// [names end]
// [array]
template <class T, std::size_t Depth>
struct deep
{
    xg::linear<32, 16, T> first{.weight = {xg::kaiming_normal(32)}, .bias = {xg::zeros}};
    std::array<xg::linear<16, 16, T>, Depth> layers;
    xg::linear<16, 4, T> last;
    xg::nn::dropout drop{0.1};

    constexpr auto operator()(auto x) const
    {
        auto h = xg::named(first(x)); // h is assigned to below, so it must be a node from the start
        for (const auto& layer : layers)
            h = drop(h + gelu(layer(h)));
        return last(h);
    }
};
// [array end]
// [branch]
struct adjustable
{
    int repeats = 1;
    bool smooth = false;
    xg::linear<32, 32> hidden{}; // {}: a model is given as `adjustable{.smooth = true}`, and GCC warns of members
    xg::linear<32, 4> output{};  // that such a list leaves out and that have no initializer of their own

    constexpr auto operator()(auto x) const
    {
        auto h = xg::named(x);
        for (int i = 0; i < repeats; ++i)
            h = smooth ? xg::named(tanh(hidden(h))) : xg::named(relu(hidden(h)));
        return output(h);
    }
};
// [branch end]

constexpr auto loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };

template <class T>
void describe(const char* name, auto net)
{
    auto predict = xg::prediction<xg::batch<16, T, 32>>(net);
    auto step = xg::training_step<xg::batch<16, T, 32>, xg::batch<16, std::int32_t>>(net, loss, xg::adam{});
    std::cout << name << ": " << net.parameter_count() << " parameters, " << predict.graph.view().statements()
              << " statements; to train, " << step.graph.view().statements() << " statements, " << step.plan.bytes
              << " bytes of scratch memory, " << step.graph.view().flops() << " FLOPs\n";
}

int main()
{
    describe<float>("residual", xg::network<residual>(1));
    describe<double>("24 layers in double", xg::network<deep<double, 24>>(1));
    describe<float>("3 times one smooth layer", xg::network<adjustable{.repeats = 3, .smooth = true}>(1));
    // [facts]
    auto net = xg::network<residual>(1);
    auto predict = xg::prediction<xg::batch<16, float, 32>>(net);
    static_assert(predict.graph.view().statements() == 3 && predict.plan.bytes <= 16 * (32 + 32) * 4);
    static_assert(net.parameter_count() == 2 * (32 * 32 + 32) + 32 * 4 + 4);
    std::cout << xg::to_text(predict) << xg::to_dot(predict).size() << " characters of DOT for Graphviz\n";
    // [facts end]
}
