// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

namespace
{
    struct model
    {
        xg::rms_norm<7, double> norm{.epsilon = 1e-5};
        constexpr auto operator()(auto x) const { return norm(x); }
    };
    using matrix = xg::batch<9, double, 7>;
}

TEST_CASE("rms_norm is its definition, with its derivatives", "[nn]")
{
    const reference torch{"norm"};
    auto net = xg::network<model>();
    const auto& weight = torch("rms/b").values;
    std::copy(weight.begin(), weight.end(), net[net.model.norm.weight].begin());
    const auto x = check::from_reference<xg::input<double, 5, 7>>(torch, "rms/a");
    const auto w = check::from_reference<xg::input<double, 5, 7>>(torch, "rms/w");
    auto predict = xg::prediction<matrix>(net);
    CHECK(check::distance(predict(x), torch("rms/y").values) < 1e-13);
    constexpr auto loss = [](const auto& m, auto v, auto weights) { return sum(m(v) * weights); };
    auto step = xg::training_step<matrix, matrix>(net, loss, xg::sgd{.learning_rate = 0});
    step(x, w);
    CHECK(check::distance(step.gradient(net.model.norm.weight), torch("rms/db").values) < 1e-12);
    auto back = xg::compile<matrix, matrix>(
        net, xg::with_derivatives<1>([](const auto& m, auto v, auto weights) { return gradient(sum(m(v) * weights), v); }));
    CHECK(check::distance(back(x, w), torch("rms/da").values) < 1e-12);
}
