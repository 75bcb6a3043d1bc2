// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/argmax.hpp>

#include <xtensor/xsort.hpp>

namespace
{
    template <int Axis>
    constexpr auto f = [](auto x) { return xg::argmax<Axis>(x); };
    using cube = xg::input<double, 3, 5, 7>;
    using result = check::result_of<std::remove_const_t<decltype(f<1>)>, cube>;
    static_assert(std::is_same_v<result::value_type, std::int32_t>);
    static_assert(std::is_same_v<result::shape_type, xg::extents<3, 7>>);

    template <int Axis>
    void against_torch()
    {
        const reference torch{"reduce"};
        const std::string name = "argmax_" + std::to_string(Axis);
        auto program = xg::compile<cube>(f<Axis>);
        const auto y = program(check::from_reference<cube>(torch, name + "/a"));
        const auto expected = torch.integers(name + "/y");
        CHECK(std::equal(y.begin(), y.end(), expected.begin(), expected.end()));
    }
}

TEST_CASE("argmax agrees with PyTorch", "[op]")
{
    against_torch<0>();
    against_torch<1>();
    against_torch<2>();
}

TEST_CASE("argmax takes the first of equals, and a NaN first", "[op]")
{
    using check::infinity, check::nan;
    auto program = xg::compile<xg::input<double, 6, 4>>(f<-1>);
    const xt::xtensor<double, 2> x{
        {1, 3, 3, 2},     {0, -0., 0, 0}, {-infinity, -infinity, -infinity, -infinity}, {1, nan, infinity, nan},
        {-3, -2, -1, -1}, {7, 5, 6, 4}};
    CHECK(check::distance(program(x), std::array{1, 0, 0, 1, 2, 0}) == 0);
    auto integers = xg::compile<xg::input<std::int32_t, 3>>([](auto x) { return xg::argmax(x); });
    CHECK(integers(std::array{4, 9, 9})() == 1);
    auto single = xg::compile<xg::input<float, 1, 1>>(f<0>);
    CHECK(single(xt::xtensor<float, 2>{{-5.f}})(0) == 0);
}

TEST_CASE("argmax of a batch is that of its rows, and no gradient passes it", "[op]")
{
    auto program = xg::compile<xg::batch<8, float, 3>>(f<1>);
    for (const int rows : {8, 1, 3})
    {
        const auto x = check::random<xg::batch<8, float, 3>>(1, -2, 2, rows);
        CHECK(check::distance(program(x), xt::eval(xt::argmax(x, 1))) == 0);
    }
    auto slope = xg::compile<cube>(xg::with_derivatives<1>(
        [](auto x) { return gradient(sum(x * xg::cast<double>(reshape<3, 5, 1>(xg::argmax(x) == xg::argmax(-x)))), x); }));
    CHECK(xt::amax(slope(check::random<cube>(1, -2, 2)))() == 0);
}
