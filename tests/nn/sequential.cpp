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

    namespace nn = xg::nn;
    // [functions]
    constexpr auto mirrored = [](auto x) { return xg::pad<1, 1, xg::padding::reflect>(x); };
    struct picture_model
    {
        xg::sequential<nn::function<mirrored>, xg::conv2d<1, 4, 3>, nn::elu, nn::avg_pool<2>, //
                       nn::upsample<2>, xg::conv2d<4, 2, 3>, nn::gelu, nn::flatten, xg::linear<8, 3>>
            layers;
        constexpr auto operator()(auto x) const { return layers(x); }
    };
    // [functions end]
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

TEST_CASE("a sequential holds functions as well as layers", "[nn]")
{
    using input = xg::batch<3, float, 1, 4, 4>;
    auto net = xg::network<picture_model>(1);
    CHECK(net.spans().back().name == "layers.8.bias");
    auto whole = xg::prediction<input>(net);
    auto parts = xg::compile<input>(net,
                                    [](const picture_model& m, auto x)
                                    {
                                        const auto& f = m.layers;
                                        const auto& conv2 = f.rest.rest.rest.rest.rest.first;
                                        const auto& last = f.rest.rest.rest.rest.rest.rest.rest.rest.first;
                                        auto h = elu(f.rest.first(xg::pad<1, 1, xg::padding::reflect>(x)));
                                        auto k = gelu(conv2(xg::upsample<2>(xg::avg_pool<2>(h))));
                                        return last(flatten(k));
                                    });
    const auto x = check::random<input>(1, -2, 2);
    CHECK(check::distance(whole(x), parts(x)) == 0);
    constexpr auto others = [](auto v)
    {
        auto smooth = sum(nn::sigmoid{}(v) + nn::silu{}(v) + nn::tanh{}(v) + nn::hardswish{}(v) + nn::leaky_relu{}(v));
        return smooth - sum(sigmoid(v) + silu(v) + tanh(v) + hardswish(v) + leaky_relu(v)) + sum(nn::global_avg_pool{}(v)) -
               sum(mean<2, 3>(v));
    };
    CHECK(std::abs(xg::compile<xg::input<float, 1, 1, 4, 4>>(others)(
              xt::xtensor<float, 4>(xt::ones<float>({1, 1, 4, 4}) * 0.7f))()) < 1e-5);
}
