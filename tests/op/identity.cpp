// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/identity.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    constexpr auto repeated = [](auto x) { return xg::broadcast_to<xg::extents<2, 3, 5>>(x); };
    static_assert(std::is_same_v<check::result_of<decltype(repeated), tensor<3, 1>>::shape_type, xg::extents<2, 3, 5>>);
    // nothing flows back, so nothing is recorded for it
    static_assert(check::statements<tensor<5>>(
                      xg::with_derivatives<1>([](auto x) { return gradient(sum(xg::stop_gradient(x * x)), x); })) == 1);
}

TEST_CASE("broadcast_to repeats, and its gradient adds up", "[op]")
{
    auto program = xg::compile<tensor<3, 1>>(repeated);
    const auto x = check::random<tensor<3, 1>>(1, -2, 2);
    const auto y = program(x);
    CHECK((y == xt::eval(xt::broadcast(x, {2, 3, 5}))));
    check::second_gradients<tensor<3, 1>>([](auto x) { return repeated(x * x); }, x);
    check::gradients<tensor<>>(repeated, check::random<tensor<>>(2, -2, 2));
    check::gradients<tensor<2, 3, 5>>(repeated, check::random<tensor<2, 3, 5>>(3, -2, 2));
}

TEST_CASE("broadcast_to repeats a row to a batch and a mask to a matrix", "[op]")
{
    check::batches<double, 3>([](auto x) { return x * xg::broadcast_to<typename decltype(x)::shape_type>(sum<0>(x)); });
    auto program = xg::compile<xg::input<bool, 3>>([](auto m) { return xg::broadcast_to<xg::extents<2, 3>>(m); });
    CHECK(check::distance(program(std::array{true, false, true}), std::array{1, 0, 1, 1, 0, 1}) == 0);
}

TEST_CASE("stop_gradient keeps the value and stops the gradient", "[op]")
{
    auto program = xg::compile<tensor<3>>(xg::with_derivatives<1>(
        [](auto x)
        {
            auto y = x * xg::stop_gradient(x);
            return std::make_tuple(y, gradient(sum(y), x), gradient(sum(xg::stop_gradient(x)), x));
        }));
    const auto [value, slope, none] = program(std::array{1., -2., 3.});
    CHECK(check::distance(value, std::array{1., 4., 9.}) == 0);
    CHECK(check::distance(slope, std::array{1., -2., 3.}) == 0);
    CHECK(check::distance(none, std::array{0., 0., 0.}) == 0);
}
