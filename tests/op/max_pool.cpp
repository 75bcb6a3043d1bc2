// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/max_pool.hpp>

namespace
{
    using xg::pool_options;
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    template <xg::per_axis Window, pool_options Options = pool_options{}>
    struct pool
    {
        constexpr auto operator()(auto x) const { return xg::max_pool<Window, Options>(x); }
    };
    template <xg::per_axis Parts>
    struct adaptive
    {
        constexpr auto operator()(auto x) const { return xg::adaptive_max_pool<Parts>(x); }
    };
    static_assert(check::constant([](auto x) { return xg::reshape<2>(xg::max_pool<2>(xg::reshape<1, 1, 5>(x))); },
                                  std::array{1., 3., 2., -2., 9.}) == std::array{3., 2.});
}

TEST_CASE("max_pool agrees with PyTorch", "[op]")
{
    const auto torch = []<class Y, class X>(Y, X, auto f, const char* name)
    { check::against_torch<Y, X>(f, "pool", name, 1e-15); };
    torch(tensor<2, 3, 6>{}, tensor<2, 3, 11>{}, pool<3, pool_options{.stride = 2, .padding = 1}>{}, "max_1d");
    torch(tensor<2, 3, 4, 4>{}, tensor<2, 3, 9, 8>{}, pool<2>{}, "max_2d");
    torch(tensor<2, 3, 5, 4>{}, tensor<2, 3, 9, 8>{}, pool<3, pool_options{.stride = 2, .padding = 1}>{}, "max_2d_overlap");
    torch(tensor<2, 3, 5, 3>{}, tensor<2, 3, 9, 8>{}, pool<xg::per_axis{2, 3}, pool_options{.ceil_mode = true}>{},
          "max_2d_ceil");
    torch(tensor<2, 3, 7, 6>{}, tensor<2, 3, 9, 8>{}, pool<3, pool_options{.stride = 1, .padding = 1, .dilation = 2}>{},
          "max_2d_dilated");
    torch(tensor<1, 2, 6, 2, 4>{}, tensor<1, 2, 5, 6, 7>{},
          pool<xg::per_axis{2, 3, 2}, pool_options{.stride = {1, 2, 2}, .padding = {1, 0, 1}}>{}, "max_3d");
    torch(tensor<2, 3, 4, 3>{}, tensor<2, 3, 9, 8>{}, adaptive<xg::per_axis{4, 3}>{}, "adaptive_max_2d");
}

TEST_CASE("max_pool has the derivatives that differences give", "[op]")
{
    using x = tensor<1, 2, 5, 4>;
    check::second_gradients<x>(pool<3, pool_options{.stride = 2, .padding = 1}>{}, check::random<x>(1, -2, 2));
}

TEST_CASE("max_pool lets a NaN win, padding never, and of equals the first", "[op]")
{
    auto program = xg::compile<xg::input<float, 1, 1, 4, 37>>(xg::with_derivatives<1>(
        [](auto x)
        {
            auto y = xg::named(xg::max_pool<2, pool_options{.padding = 1}>(x));
            return std::make_tuple(y, gradient(sum(y), x));
        }));
    xt::xtensor<float, 4> x = xt::zeros<float>({1, 1, 4, 37}) - 5;
    x(0, 0, 1, 36) = static_cast<float>(check::nan);
    const auto [y, g] = program(x);
    REQUIRE(y.size() == 3 * 19);
    CHECK(y(0, 0, 0, 0) == -5);
    CHECK(std::isnan(y(0, 0, 1, 18)));
    CHECK(g(0, 0, 1, 36) == 1);
    CHECK(g(0, 0, 1, 1) == 1); // of four equal ones
    CHECK(g(0, 0, 2, 2) == 0);
}

TEST_CASE("max_pool of a batch is that of its images", "[op]") { check::batches<float, 3, 5, 17>(pool<2>{}, 0); }
