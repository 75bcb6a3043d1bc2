// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/max_pool.hpp>

namespace
{
    using xg::pool_options;
    template <xg::per_axis Window, pool_options Options = pool_options{}>
    struct pool
    {
        constexpr auto operator()(auto x) const { return xg::max_pool<Window, Options>(x); }
    };
    template <xg::per_axis Window, pool_options Options, std::ptrdiff_t... Extents>
    using shape_of = typename check::result_of<pool<Window, Options>, xg::batch<4, float, 3, Extents...>>::shape_type;

    static_assert(std::is_same_v<shape_of<2, pool_options{}, 9>, xg::at_most<4, 3, 4>>);
    static_assert(std::is_same_v<shape_of<2, pool_options{.ceil_mode = true}, 9>, xg::at_most<4, 3, 5>>);
    // the third window would begin in the padding behind the end
    static_assert(std::is_same_v<shape_of<2, pool_options{.padding = 1, .ceil_mode = true}, 3>, xg::at_most<4, 3, 2>>);
    static_assert(std::is_same_v<shape_of<3, pool_options{.stride = 2, .padding = 1}, 112, 112>, xg::at_most<4, 3, 56, 56>>);
    static_assert(std::is_same_v<shape_of<xg::per_axis{1, 2, 3}, pool_options{}, 4, 4, 6>, xg::at_most<4, 3, 4, 2, 2>>);
    static_assert(std::is_same_v<shape_of<3, pool_options{.stride = 1, .dilation = 2}, 5>, xg::at_most<4, 3, 1>>);

    // 4 * 3 planes, and windows of 2, 3 and 2 inputs
    static_assert(
        xg::graph_of<check::builder<pool<3, pool_options{.stride = 2, .padding = 1}>, xg::input<float, 4, 3, 5>>>.view().flops() ==
        4 * 3 * (2 + 3 + 2));
}

TEST_CASE("a window sees what is not padding", "[op]")
{
    const auto with = xg::op::pool_attributes(3, pool_options{.stride = 2, .padding = 1, .dilation = 2});
    const auto e = xg::op::pool_window({{1, 1, 8}, 3}, {{1, 1, 3}, 3}, with);
    CHECK(e.axis[2](0).first == 1);
    CHECK(e.axis[2](0).count == 2);
    CHECK(e.axis[2](2).first == 3);
    CHECK(e.axis[2](2).count == 3);
    CHECK(e.axis[1](0).count == 1);
    const auto parts = xg::op::pool_window({{1, 1, 8}, 3}, {{1, 1, 3}, 3}, {}).axis[2];
    CHECK(parts(0).count == 3);
    CHECK(parts(1).first == 2);
    CHECK(parts(1).count == 4);
    CHECK(parts(2).first == 5);
}
