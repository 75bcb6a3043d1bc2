// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xgrad/nn/nn.hpp>

namespace
{
    using layers = xg::sequential<xg::linear<3, 5, double>, xg::nn::relu, xg::sequential<xg::linear<5, 2, double>>>;
    struct model
    {
        layers features;
        xg::linear<2, 4, double> head;
        constexpr auto operator()(auto x) const { return head(features(x)); }
    };
    struct deep
    {
        std::array<xg::sequential<xg::nn::relu, xg::linear<2, 2, double>>, 2> blocks;
        constexpr auto operator()(auto x) const { return blocks[1](blocks[0](x)); }
    };
    static_assert(xg::plain_model<model>);
    static_assert(check::statements<xg::input<double, 4, 3>>(
                      [](auto x) { return xg::sequential<xg::nn::relu, xg::nn::relu6>{}(x) + 1; }) == 1);
}

TEST_CASE("a sequential's layers are named by number", "[nn]")
{
    auto net = xg::network<model>();
    std::vector<std::string> names;
    for (const auto& tensor : net.spans())
        names.push_back(tensor.name);
    CHECK(names == std::vector<std::string>{"features.0.weight", "features.0.bias", "features.2.0.weight", "features.2.0.bias",
                                            "head.weight", "head.bias"});
    names.clear();
    auto other = xg::network<deep>();
    for (const auto& tensor : other.spans())
        names.push_back(tensor.name);
    CHECK(names == std::vector<std::string>{"blocks.0.1.weight", "blocks.0.1.bias", "blocks.1.1.weight", "blocks.1.1.bias"});
}

TEST_CASE("a sequential is its layers one behind the other", "[nn]")
{
    auto net = xg::network<model>(1);
    using input = xg::batch<4, double, 3>;
    auto whole = xg::prediction<input>(net);
    auto parts = xg::compile<input>(net,
                                    [](const model& m, auto x)
                                    {
                                        auto h = relu(m.features.first(x));
                                        return m.head(m.features.rest.rest.first(h));
                                    });
    const auto x = check::random<input>(1, -2, 2);
    CHECK(check::distance(whole(x), parts(x)) == 0);
    CHECK(whole.graph.view().statements() == 3);
}
