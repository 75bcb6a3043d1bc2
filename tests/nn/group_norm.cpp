// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

namespace
{
    template <class Layer>
    struct one
    {
        Layer layer;
        constexpr auto operator()(auto x) const { return layer(x); }
    };
    constexpr auto loss = [](const auto& m, auto x, auto w) { return sum(m(x) * w); };
    constexpr auto towards_input = [](const auto& m, auto x, auto w) { return gradient(sum(m(x) * w), x); };

    // value and all gradients are PyTorch's, and a batch that is not full gives the same
    template <class X, class Batch, class Net>
    void agrees(Net net, const std::string& name)
    {
        INFO(name);
        const reference torch{"norm"};
        const auto& layer = net.model.layer;
        const auto set = [&](auto view, const char* entry)
        { std::copy(torch(name + entry).values.begin(), torch(name + entry).values.end(), view.begin()); };
        if constexpr (requires { layer.weight; })
            set(net[layer.weight], "/b");
        if constexpr (requires { layer.bias; })
            set(net[layer.bias], "/c");
        const auto x = check::from_reference<X>(torch, name + "/a"), w = check::from_reference<X>(torch, name + "/w");
        auto predict = xg::prediction<Batch>(net);
        CHECK(check::distance(predict(x), torch(name + "/y").values) < 1e-13);
        auto back = xg::compile<Batch, Batch>(net, xg::with_derivatives<1>(towards_input));
        CHECK(check::distance(back(x, w), torch(name + "/da").values) < 1e-12);
        if constexpr (requires { layer.weight; })
        {
            auto step = xg::training_step<Batch, Batch>(net, loss, xg::sgd{.learning_rate = 0});
            step(x, w);
            CHECK(check::distance(step.gradient(layer.weight), torch(name + "/db").values) < 1e-12);
            if constexpr (requires { layer.bias; })
                CHECK(check::distance(step.gradient(layer.bias), torch(name + "/dc").values) < 1e-12);
        }
    }
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <std::ptrdiff_t... Extents>
    using batch = xg::batch<5, double, Extents...>;
}

TEST_CASE("group_norm agrees with PyTorch", "[nn]")
{
    agrees<tensor<2, 6, 5, 3>, batch<6, 5, 3>>(xg::network<one<xg::group_norm<2, 6, double>>>(), "group_2d");
    agrees<tensor<3, 6, 7>, tensor<3, 6, 7>>(xg::network<one<xg::group_norm<3, 6, double>>>(), "group_1d");
    agrees<tensor<3, 6>, batch<6>>(xg::network<one<xg::group_norm<2, 6, double>>>(), "group_0d");
}

TEST_CASE("instance_norm agrees with PyTorch", "[nn]")
{
    agrees<tensor<2, 3, 5, 4>, batch<3, 5, 4>>(xg::network<one<xg::instance_norm<3, true, double>>>(), "instance_2d");
    // without parameters: between layers that have some
    constexpr auto plain = [](auto x) { return xg::instance_norm<3, false, double>{}(x); };
    check::against_torch<tensor<2, 3, 5, 4>, tensor<2, 3, 5, 4>>(plain, "norm", "instance_plain", 1e-13);
    check::second_gradients<tensor<1, 3, 2, 2>>(plain, check::random<tensor<1, 3, 2, 2>>(1, -2, 2));
}
