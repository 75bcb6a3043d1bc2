// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/slice.hpp>

#include <xtensor/xview.hpp>

namespace
{
    using cube = xg::input<double, 3, 5, 7>;
    constexpr auto middle = [](auto x) { return xg::slice<1, 1, 4>(x); };
    using result = check::result_of<decltype(middle), cube>;
    static_assert(std::is_same_v<result::shape_type, xg::extents<3, 3, 7>>);
    static_assert(check::constant([](auto x) { return x + sum(xg::slice<0, 1, 3>(x)) - select(x, 2); }, std::array{1, 2, 3}) ==
                  std::array{3, 4, 5});

    constexpr auto row_loop = [](auto x)
    {
        auto state = xg::named(select(x, 0));
        for (auto row : x)
            state = xg::named(state * row);
        return state;
    };
    constexpr auto column_loop = [](auto x)
    {
        auto total = xg::named(0 * select<1>(x, 0));
        for (auto column : xg::along<1>(x))
            total = xg::named(0.5 * total + column);
        return total;
    };
}

TEST_CASE("slice and select are xtensor's views", "[op]")
{
    auto program = xg::compile<cube>(
        [](auto x)
        {
            return std::make_tuple(middle(x), xg::slice<0, 2, 3>(x), xg::slice<-1, 0, 7>(x), xg::slice<-1, 6, 7>(x) * 2,
                                   select(x, 1), xg::select<1>(x, 4), xg::select<-1>(x, 0));
        });
    const auto x = check::random<cube>(1, -2, 2);
    const auto [a, b, c, d, e, f, g] = program(x);
    CHECK((a == xt::eval(xt::view(x, xt::all(), xt::range(1, 4), xt::all()))));
    CHECK((b == xt::eval(xt::view(x, xt::range(2, 3), xt::all(), xt::all()))));
    CHECK((c == x));
    CHECK((d == xt::eval(2 * xt::view(x, xt::all(), xt::all(), xt::range(6, 7)))));
    CHECK((e == xt::eval(xt::view(x, 1, xt::all(), xt::all()))));
    CHECK((f == xt::eval(xt::view(x, xt::all(), 4, xt::all()))));
    CHECK((g == xt::eval(xt::view(x, xt::all(), xt::all(), 0))));
    auto masks = xg::compile<xg::input<bool, 3, 2>>([](auto m) { return xg::slice<0, 1, 3>(m); });
    CHECK(check::distance(masks(xt::xtensor<bool, 2>{{true, false}, {false, true}, {true, true}}), std::array{0, 1, 1, 1}) ==
          0);
}

TEST_CASE("loops over a tensor go along an axis", "[op]")
{
    using matrix = xg::input<double, 4, 3>;
    auto program = xg::compile<matrix>([](auto x) { return std::make_tuple(row_loop(x), column_loop(x)); });
    const auto x = check::random<matrix>(1, -2, 2);
    const auto [rows, columns] = program(x);
    for (std::size_t k = 0; k < 3; ++k)
        CHECK(rows(k) == Approx(x(0, k) * x(0, k) * x(1, k) * x(2, k) * x(3, k)).epsilon(1e-14));
    for (std::size_t k = 0; k < 4; ++k)
        CHECK(columns(k) == Approx(x(k, 0) / 4 + x(k, 1) / 2 + x(k, 2)).epsilon(1e-14));
    check::gradients<matrix>(row_loop, x);
    check::gradients<matrix>(column_loop, x);
    check::batches<double, 3>(column_loop);
}

TEST_CASE("slice has the derivatives that differences give", "[op]")
{
    using small = xg::input<double, 2, 4>;
    check::second_gradients<small>([](auto x) { return xg::slice<1, 1, 3>(x * x) * xg::slice<1, 2, 4>(x); },
                                   check::random<small>(2, -2, 2));
    check::batches<double, 4, 2>([](auto x) { return xg::slice<1, 1, 3>(x); });
}

TEST_CASE("an index past the end is refused", "[op]")
{
    xg::recorder list;
    const auto x = xg::input_node<cube, 0>(list);
    REQUIRE_THROWS_WITH(select(x, 3), Catch::Contains("slice: a range reaches past the end"));
    REQUIRE_THROWS_AS(select(x, -1), xg::range_error);
}

TEST_CASE("unslice places into zeros", "[op]")
{
    constexpr auto f = [](auto x) { return xg::unslice<1, 2, 7>(x); };
    using tensor = xg::input<double, 2, 3>;
    static_assert(check::constant([](auto x) { return xg::unslice<0, 1, 4>(x); }, std::array{5., 6.}) ==
                  std::array{0., 5., 6., 0.});
    check::second_gradients<tensor>([](auto x) { return xg::unslice<-1, 2, 7>(x * x); }, check::random<tensor>(1, -2, 2));
    auto program = xg::compile<tensor>(f);
    const auto x = check::random<tensor>(1, -2, 2);
    const auto y = program(x);
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t k = 0; k < 7; ++k)
            CHECK(y(i, k) == (k < 2 || k > 4 ? 0 : x(i, k - 2)));
}

namespace
{
    constexpr auto neighbours = [](auto x) // a recurrent network's way of reading: the gradients of all slices gather in x
    {
        auto total = xg::named(select<0>(x, 0) * 2);
        for (int t = 0; t + 1 < 5; ++t)
            total = total * 0.5 + select<0>(x, t) * select<0>(x, t + 1);
        return concatenate<0>(total, slice<0, 1, 3>(select<1>(x, 2)));
    };
}

TEST_CASE("gradients of many slices gather in one tensor", "[op]")
{
    using tensor = xg::input<double, 5, 4>;
    check::gradients<tensor>(neighbours, check::random<tensor>(1, -1, 1));
    check::second_gradients<tensor>(neighbours, check::random<tensor>(2, -1, 1));
}
