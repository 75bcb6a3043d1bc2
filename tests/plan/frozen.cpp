// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xgrad/nn/nn.hpp>

namespace
{
    struct model
    {
        xg::conv2d<3, 32, 3, xg::conv_options{.padding = 1, .bias = false}> conv1;
        xg::batch_norm<32> bn1;
        xg::conv2d<32, 32, 3, xg::conv_options{.padding = 1}> conv2;
        xg::linear<32, 5> head;
        constexpr auto operator()(auto x) const
        {
            auto h = relu(bn1(conv1(x)));
            return head(global_avg_pool(relu(conv2(h) + h)));
        }
    };

    struct counter
    {
        xg::state<float, xg::extents<2>> count{xg::zeros};
        constexpr auto operator()(auto x) const
        {
            auto next = named(count + 1);
            count = next;
            return next * x;
        }
    };
    using images = xg::batch<4, float, 3, 13, 14>;
}

TEST_CASE("a frozen prediction computes what weights decide once", "[plan]")
{
    auto net = xg::network<model>(1);
    auto plain = xg::prediction<images>(net);
    auto frozen = xg::prediction<images>(net, xg::frozen);
    int once = 0;
    for (const bool f : frozen.plan.frozen)
        once += f;
    CHECK(once == 3); // a scale, a shift, the transformed weights of conv2
    for (const int rows : {4, 1, 3})
    {
        const auto x = check::random<images>(1, -1, 1, rows);
        CHECK(check::distance(frozen(x), plain(x)) == 0);
    }
    const auto x = check::random<images>(2, -1, 1, 4);
    const xt::xtensor<float, 2> before = plain(x);
    net[net.model.bn1.running_var] = 4 * net[net.model.bn1.running_var];
    const xt::xtensor<float, 2> after = plain(x);
    CHECK(check::distance(after, before) > 1e-3);
    CHECK(check::distance(frozen(x), before) == 0);
    frozen.refresh();
    CHECK(check::distance(frozen(x), after) == 0);
}

TEST_CASE("what a run writes is never frozen", "[plan]")
{
    auto net = xg::network<counter>();
    auto f = xg::prediction<xg::input<float, 2>>(net, xg::frozen);
    CHECK(f(std::array{1.f, 2.f})(1) == 2);
    CHECK(f(std::array{1.f, 2.f})(1) == 4);
    CHECK(f(std::array{1.f, 2.f})(1) == 6);
}
