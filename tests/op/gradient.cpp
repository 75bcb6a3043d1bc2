// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/gradient.hpp>

namespace
{
    using vector = xg::input<double, 5>;
    using scalar = xg::input<double>;

    constexpr auto powers = [](auto x)
    {
        auto first = gradient(sum(x * x * x * x), x);
        auto second = gradient(sum(first), x);
        return std::make_tuple(first, second, gradient(sum(second), x));
    };
    using third = std::tuple_element_t<2, xg::results_of<check::builder<xg::derivatives_of<3, decltype(powers)>, vector>>>;
    static_assert(third::order == 0 && std::is_same_v<third::shape_type, xg::extents<5>>);
    // the value is no output and the gradient needs no statement of it: 2 x
    static_assert(check::statements<vector>(xg::with_derivatives<1>([](auto x) { return gradient(sum(square(x)), x); })) == 1);
}

TEST_CASE("gradients of gradients of gradients", "[op]")
{
    const auto x = check::random<vector>(1, -2, 2);
    auto program = xg::compile<vector>(xg::with_derivatives<3>(powers));
    const auto [first, second, third] = program(x);
    CHECK(check::distance(first, xt::eval(4 * x * x * x)) < 1e-14);
    CHECK(check::distance(second, xt::eval(12 * x * x)) < 1e-14);
    CHECK(check::distance(third, xt::eval(24 * x)) < 1e-14);
}

TEST_CASE("several gradients come as a tuple, of what does not count as zeros", "[op]")
{
    auto program = xg::compile<vector, scalar, vector>(xg::with_derivatives<1>(
        [](auto x, auto s, auto unused)
        {
            auto y = sum(x * s);
            return std::tuple_cat(gradient(y, x, s, unused, y), std::make_tuple(gradient(s, s)));
        }));
    const auto x = check::random<vector>(1, -2, 2), ignored = check::random<vector>(2, -2, 2);
    const auto [dx, ds, none, one, itself] = program(x, xt::xtensor<double, 0>(3.), ignored);
    CHECK(check::distance(dx, std::array{3., 3., 3., 3., 3.}) == 0);
    CHECK(ds() == Approx(xt::sum(x)()).epsilon(1e-14));
    CHECK(check::distance(none, std::array{0., 0., 0., 0., 0.}) == 0);
    CHECK(one() == 1);
    CHECK(itself() == 1);
}

TEST_CASE("gradients of values on the way, and in expressions", "[op]")
{
    auto program = xg::compile<vector>(xg::with_derivatives<1>(
        [](auto x)
        {
            auto h = xg::named(tanh(x));
            auto y = sum(h * h);
            return std::make_tuple(gradient(y, h), x - 0.1 * gradient(y, x));
        }));
    const auto x = check::random<vector>(1, -2, 2);
    const auto [dh, step] = program(x);
    const xt::xtensor<double, 1> h = xt::tanh(x);
    CHECK(check::distance(dh, xt::eval(2 * h)) < 1e-14);
    CHECK(check::distance(step, xt::eval(x - 0.2 * h * (1 - h * h))) < 1e-14);
}

TEST_CASE("second derivatives along named and unnamed paths", "[op]")
{
    check::second_gradients<vector>([](auto x) { return tanh(x * x) * exp(-x) + sum(x) * x; }, check::random<vector>(3, -1, 1));
}
