// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/convolution.hpp>

#include <vector>

namespace
{
    using xg::conv_options;
    constexpr auto conv = [](auto x, auto w) { return xg::convolution<conv_options{.padding = 1}>(x, w); };
    using image = xg::batch<3, float, 32, 14, 12>;
    using weight = xg::input<float, 40, 32, 3, 3>;

    constexpr xg::kernel::convolution_extents extents(std::ptrdiff_t batch, std::ptrdiff_t rows, std::ptrdiff_t columns)
    {
        using axis = xg::kernel::window_axis;
        return {batch, 1, 32, 40, {axis{}, axis{rows, rows, 3, 1, 1, 1}, axis{columns, columns, 3, 1, 1, 1}}};
    }
    using filtered = xg::kernel::winograd_extents;

    // predictions transform their weights in a statement of its own, and count the same operations
    static_assert(check::statements<image, weight>(conv) == 2);
    static_assert(check::statements<xg::batch<3, double, 32, 14, 12>, xg::input<double, 40, 32, 3, 3>>(conv) == 1);
    static_assert(check::statements<xg::batch<1, float, 32, 11, 12>, weight>(conv) == 1);
    static_assert(xg::graph_of<check::builder<decltype(conv), image, weight>>.view().flops() == 2 * 3 * 40 * 14 * 12 * 32 * 9);

    /// The largest difference from sums in double precision, in units of the largest sum.
    double error(const auto& found, const std::vector<double>& sums)
    {
        REQUIRE(static_cast<std::size_t>(found.size()) == sums.size());
        double largest = 0, worst = 0;
        auto at = sums.begin();
        for (const auto value : found)
        {
            largest = std::max(largest, std::abs(*at));
            worst = std::max(worst, std::abs(static_cast<double>(value) - *at++));
        }
        return worst / largest;
    }

    /// The sums of a[i] b[k] at o, given the places (i, k, o) that meet: choose(input, weight, output).
    std::vector<double> sums(const xg::kernel::convolution_extents& e, std::size_t size, const auto& a, const auto& b,
                             auto&& choose)
    {
        std::vector<double> result(size);
        xg::kernel::each_term(e,
                              [&](std::ptrdiff_t x, std::ptrdiff_t w, std::ptrdiff_t y)
                              {
                                  const std::array<std::ptrdiff_t, 3> at = choose(x, w, y);
                                  result[static_cast<std::size_t>(at[2])] +=
                                      static_cast<double>(a.data()[at[0]]) * static_cast<double>(b.data()[at[1]]);
                              });
        return result;
    }
    constexpr auto of_output = [](auto x, auto w, auto y) { return std::array{x, w, y}; };
    constexpr auto of_input = [](auto x, auto w, auto y) { return std::array{y, w, x}; };
    constexpr auto of_weight = [](auto x, auto w, auto y) { return std::array{y, x, w}; };

    // measured: 4e-6 where outputs are filtered minimally, 8e-7 of the sums that are the gradient of a weight; docs/models.md
    // allows for more channels
    constexpr double bound = 1e-5;
}

TEST_CASE("convolutions that filter minimally and their gradients are near the sums that define them", "[op]")
{
    auto prediction = xg::compile<image, weight>(conv);
    auto step = xg::compile<image, weight, xg::batch<3, float, 40, 14, 12>>(check::weighted<decltype(conv)>{});
    for (const int rows : {3, 1})
    {
        INFO(rows << " images");
        const auto e = extents(rows, 14, 12);
        REQUIRE(filtered::pays(e));
        REQUIRE(filtered::pays(xg::kernel::detail::mirrored(e)));
        const auto x = check::random<image>(1, -1, 1, rows);
        const auto w = check::random<weight>(2, -1, 1);
        const auto g = check::random<xg::batch<3, float, 40, 14, 12>>(3, -1, 1, rows);
        const auto y = sums(e, g.size(), x, w, of_output), dx = sums(e, x.size(), g, w, of_input),
                   dw = sums(e, w.size(), g, x, of_weight);
        CHECK(error(prediction(x, w), y) <= bound);
        const auto& [found_y, found_dx, found_dw] = step(x, w, g);
        CHECK(error(found_y, y) <= bound);
        CHECK(error(found_dx, dx) <= bound);
        CHECK(error(found_dw, dw) <= bound);
    }
}

namespace
{
    struct layer
    {
        xg::conv2d<32, 40, 3, conv_options{.padding = 1}> conv;
        constexpr auto operator()(auto x) const { return conv(x); }
    };
}

TEST_CASE("frozen predictions filter smaller images minimally", "[op]")
{
    constexpr auto e = extents(1, 6, 7);
    static_assert(filtered::serves(e));
    auto net = xg::network<layer>(1);
    auto predict = xg::prediction<xg::input<float, 1, 32, 6, 7>>(net, xg::frozen);
    const auto x = check::random<xg::input<float, 1, 32, 6, 7>>(1, -1, 1);
    const auto w = net[net.model.conv.weight];
    const auto b = net[net.model.conv.bias];
    auto y = sums(e, 40 * 6 * 7, x, w, of_output);
    for (std::size_t o = 0; o < y.size(); ++o)
        y[o] += static_cast<double>(b.data()[o / 42]);
    CHECK(error(predict(x), y) <= bound);
}
