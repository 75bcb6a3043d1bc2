// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/reshape.hpp>

#include <xtensor/xmanipulation.hpp>

namespace
{
    using cube = xg::input<double, 3, 5, 7>;
    constexpr auto inferred = [](auto x) { return reshape<5, -1>(x); };
    template <class F, class X>
    using shape_of = typename check::result_of<F, X>::shape_type;
    static_assert(std::is_same_v<shape_of<decltype(inferred), cube>, xg::extents<5, 21>>);
    static_assert(std::is_same_v<shape_of<decltype(inferred), xg::batch<8, float, 15, 2>>, xg::at_most<8, 5, 6>>);
    static_assert(
        std::is_same_v<shape_of<decltype([](auto x) { return reshape<>(x); }), xg::input<bool, 1, 1>>, xg::extents<>>);
    // nothing is computed; but a result is not the caller's input
    static_assert(check::statements<cube>([](auto x) { return inferred(x) * 2; }) == 1);
    static_assert(check::statements<cube>(inferred) == 1);
    static_assert(check::statements<cube>([](auto x) { return reshape<105>(reshape<15, 7>(x) * 2) + 1; }) == 2);
    static_assert(check::constant([](auto x) { return reshape<4>(reshape<2, 2>(x)); }, std::array{1, 2, 3, 4}) ==
                  std::array{1, 2, 3, 4});
}

TEST_CASE("reshape keeps the elements in their order", "[op]")
{
    auto program = xg::compile<cube>(
        [](auto x) { return std::make_tuple(inferred(x), xg::sum<1>(reshape<7, 15>(x)), reshape<105>(x) * x.rank()); });
    const auto x = check::random<cube>(1, -2, 2);
    const auto [a, b, c] = program(x);
    CHECK((a == xt::eval(xt::reshape_view(x, {5, 21}))));
    CHECK(check::distance(b, xt::eval(xt::sum(xt::reshape_view(x, {7, 15}), {1}))) < 1e-14);
    CHECK(check::distance(c, xt::eval(3 * xt::flatten(x))) == 0);
    auto masks = xg::compile<xg::input<bool, 2, 3>>([](auto m) { return reshape<3, 2>(m); });
    CHECK(masks(xt::xtensor<bool, 2>{{true, false, false}, {true, true, false}})(1, 1));
}

TEST_CASE("reshape has the derivatives that differences give", "[op]")
{
    using small = xg::input<double, 2, 6>;
    check::second_gradients<small>([](auto x) { return reshape<3, 4>(x * x) * reshape<12>(x * 1).rank() + reshape<3, 4>(x); },
                                   check::random<small>(2, -2, 2));
    auto integers = xg::compile<small, xg::input<std::int32_t, 2>>(xg::with_derivatives<1>(
        [](auto x, auto l) { return gradient(sum(x * reshape<2, 1>(xg::cast<double>(reshape<2, 1>(l) == 3))), x); }));
    const auto slope = integers(check::random<small>(3, -2, 2), std::array{2, 3});
    CHECK(xt::sum(slope)() == 6); // whole numbers and masks reshape where gradients are taken
}

TEST_CASE("reshape of a batch is that of its items", "[op]")
{
    check::batches<double, 2, 6>(
        [](auto x)
        {
            if constexpr (decltype(x)::shape_type::value.bounded)
                return reshape<3, 4>(x) * 2;
            else
                return reshape<x.extent(0), 3, 4>(x) * 2;
        });
}
