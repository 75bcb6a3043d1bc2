// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/nn/nn.hpp>

namespace
{
    /// Convolutions whose weights are worth packing: gathered at a stride, a product with a residual, a lonely output.
    struct packed
    {
        xg::conv2d<8, 40, 3, xg::conv_options{.stride = 2, .padding = 1, .bias = false}> conv1;
        xg::batch_norm<40> bn1;
        xg::conv2d<40, 120, 1> conv2;
        xg::conv2d<120, 40, 1> conv3;
        xg::conv2d<40, 90, 3, xg::conv_options{.stride = 2, .padding = 1}> conv4;
        xg::linear<90, 5> head;
        constexpr auto operator()(auto x) const
        {
            auto h = relu6(bn1(conv1(x)));
            return head(global_avg_pool(relu(conv4(relu(conv3(conv2(h)) + h)))));
        }
    };
    using images = xg::batch<3, float, 8, 26, 25>;
}

TEST_CASE("a frozen prediction packs the weights of convolutions", "[op]")
{
    auto net = xg::network<packed>(2);
    auto plain = xg::prediction<images>(net);
    auto frozen = xg::prediction<images>(net, xg::frozen);
    int once = 0;
    for (const bool f : frozen.plan.frozen)
        once += f;
    CHECK(once == 4); // a scale, a shift, two weights: those of conv1 are few, and the panels of conv2 stay in a cache
    for (const int rows : {3, 1})
    {
        const auto x = check::random<images>(1, -1, 1, rows);
        CHECK(check::distance(frozen(x), plain(x)) <= 1e-5);
    }
    const auto x = check::random<images>(2, -1, 1, 1);
    const xt::xtensor<float, 2> before = plain(x);
    net[net.model.conv3.weight] = 2 * net[net.model.conv3.weight];
    CHECK(check::distance(frozen(x), before) <= 1e-5);
    frozen.refresh();
    CHECK(check::distance(frozen(x), before) > 1e-3);
    CHECK(check::distance(frozen(x), plain(x)) <= 1e-5);
}

TEST_CASE("packed weights are those of whole tiles, one behind the other", "[op]")
{
    // 11 channels of 2 numbers: a tile's rows lie side by side, whatever their number, and nothing is lost
    REQUIRE(xg::kernel::packed_channels(11) == 16);
    std::array<float, 22> w;
    for (std::size_t i = 0; i < w.size(); ++i)
        w[i] = static_cast<float>(i + 1);
    std::array<float, 32> packed{};
    xg::kernel::pack_weights<float>(11, 2, w.data(), packed.data());
    CHECK(packed[0] == 1);
    CHECK(packed[1] == 3); // of the next channel
    std::sort(packed.begin(), packed.end());
    CHECK(std::equal(w.begin(), w.end(), packed.begin() + 10));
}
