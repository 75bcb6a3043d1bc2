// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/convolution.hpp>

namespace
{
    using xg::conv_options;
    constexpr auto conv = [](auto x, auto w) { return xg::convolution<conv_options{.padding = 1}>(x, w); };
    using image = xg::batch<3, float, 32, 14, 12>;
    using weight = xg::input<float, 40, 32, 3, 3>;

    // predictions filter minimally, what has derivatives does not, and both count the same operations
    static_assert(check::statements<image, weight>(conv) == 2);
    static_assert(check::statements<xg::batch<3, double, 32, 14, 12>, xg::input<double, 40, 32, 3, 3>>(conv) == 1);
    static_assert(check::statements<xg::batch<1, float, 32, 11, 12>, weight>(conv) == 1);
    static_assert(xg::graph_of<check::builder<decltype(conv), image, weight>>.view().flops() == 2 * 3 * 40 * 14 * 12 * 32 * 9);
}

TEST_CASE("a prediction's convolution agrees with the one that has derivatives", "[op]")
{
    auto prediction = xg::compile<image, weight>(conv);
    auto differentiable = xg::compile<image, weight>(xg::with_derivatives<1>(conv));
    for (const int rows : {3, 1})
    {
        const auto x = check::random<image>(1, -1, 1, rows);
        const auto w = check::random<weight>(2, -1, 1);
        const xt::xtensor<float, 4> expected = differentiable(x, w);
        CHECK(check::distance(prediction(x, w), expected) <= 1e-4);
    }
}
