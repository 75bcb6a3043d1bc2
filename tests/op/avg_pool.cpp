// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/avg_pool.hpp>

namespace
{
    using xg::pool_options;
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <xg::per_axis Window, pool_options Options = pool_options{}>
    struct pool
    {
        constexpr auto operator()(auto x) const { return xg::avg_pool<Window, Options>(x); }
    };
    template <xg::per_axis Parts>
    struct adaptive
    {
        constexpr auto operator()(auto x) const { return xg::adaptive_avg_pool<Parts>(x); }
    };
    static_assert(check::constant([](auto x) { return xg::reshape<2>(xg::avg_pool<2>(xg::reshape<1, 1, 5>(x))); },
                                  std::array{1., 3., 2., -2., 9.}) == std::array{2., 0.});
}

TEST_CASE("avg_pool agrees with PyTorch", "[op]")
{
    const auto torch = []<class Y, class X>(Y, X, auto f, const char* name)
    { check::against_torch<Y, X>(f, "pool", name, 1e-14); };
    torch(tensor<2, 3, 4>{}, tensor<2, 3, 11>{}, pool<4, pool_options{.stride = 3, .padding = 2}>{}, "avg_1d");
    torch(tensor<2, 3, 4, 4>{}, tensor<2, 3, 9, 8>{}, pool<2>{}, "avg_2d");
    torch(tensor<2, 3, 5, 4>{}, tensor<2, 3, 9, 8>{}, pool<3, pool_options{.stride = 2, .padding = 1}>{}, "avg_2d_overlap");
    torch(tensor<2, 3, 5, 4>{}, tensor<2, 3, 9, 8>{},
          pool<3, pool_options{.stride = 2, .padding = 1, .count_include_pad = false}>{}, "avg_2d_exclude");
    torch(tensor<2, 3, 5, 5>{}, tensor<2, 3, 9, 8>{}, pool<3, pool_options{.stride = 2, .padding = 1, .ceil_mode = true}>{},
          "avg_2d_ceil");
    torch(tensor<1, 2, 6, 2, 4>{}, tensor<1, 2, 5, 6, 7>{},
          pool<xg::per_axis{2, 3, 2}, pool_options{.stride = {1, 2, 2}, .padding = {1, 0, 1}}>{}, "avg_3d");
    torch(tensor<2, 3, 4>{}, tensor<2, 3, 11>{}, adaptive<4>{}, "adaptive_avg_1d");
    torch(tensor<2, 3, 4, 3>{}, tensor<2, 3, 9, 8>{}, adaptive<xg::per_axis{4, 3}>{}, "adaptive_avg_2d");
}

TEST_CASE("avg_pool has the derivatives that differences give", "[op]")
{
    using x = tensor<1, 2, 5, 4>;
    check::second_gradients<x>(pool<3, pool_options{.stride = 2, .padding = 1}>{}, check::random<x>(1, -2, 2));
}

TEST_CASE("avg_pool of a batch is that of its images", "[op]") { check::batches<float, 3, 5, 17>(pool<2>{}, 0); }

TEST_CASE("global_avg_pool is the mean of a channel", "[op]")
{
    auto program = xg::compile<xg::batch<4, float, 3, 5, 7>>([](auto x) { return xg::global_avg_pool(x); });
    const auto x = check::random<xg::batch<4, float, 3, 5, 7>>(1, -2, 2, 2);
    const xt::xtensor<float, 2> expected = xt::mean(x, {2, 3});
    CHECK(check::distance(program(x), expected) <= 1e-6);
}
