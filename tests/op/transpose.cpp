// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/transpose.hpp>

namespace
{
    using cube = xg::input<double, 3, 5, 7>;
    constexpr auto last_two = [](auto x) { return transpose(x); };
    constexpr auto turned = [](auto x) { return xg::transpose<2, 0, 1>(x); };
    template <class F, class X>
    using shape_of = typename check::result_of<F, X>::shape_type;
    static_assert(std::is_same_v<shape_of<decltype(last_two), cube>, xg::extents<3, 7, 5>>);
    static_assert(std::is_same_v<shape_of<decltype(turned), cube>, xg::extents<7, 3, 5>>);
    static_assert(std::is_same_v<shape_of<decltype(last_two), xg::batch<8, float, 5, 7>>, xg::at_most<8, 7, 5>>);
    static_assert(check::constant([](auto x) { return reshape<6>(transpose(reshape<2, 3>(x))); },
                                  std::array{1, 2, 3, 4, 5, 6}) == std::array{1, 4, 2, 5, 3, 6});
}

TEST_CASE("transpose is xtensor's", "[op]")
{
    auto program =
        xg::compile<cube>([](auto x) { return std::make_tuple(last_two(x), turned(x), xg::transpose<-1, -2, -3>(x) + 1); });
    const auto x = check::random<cube>(1, -2, 2);
    const auto [a, b, c] = program(x);
    CHECK((a == xt::eval(xt::transpose(x, {0, 2, 1}))));
    CHECK((b == xt::eval(xt::transpose(x, {2, 0, 1}))));
    CHECK((c == xt::eval(xt::transpose(x) + 1)));
    using many = xg::input<std::int32_t, 2, 3, 1, 4, 5>;
    auto five = xg::compile<many>([](auto x) { return xg::transpose<3, 1, 4, 2, 0>(x); });
    const auto y = check::random<many>(2, -99, 99);
    CHECK((five(y) == xt::eval(xt::transpose(y, {3, 1, 4, 2, 0}))));
    // rows that stay rows, planes of whole blocks and with rests, axes that stay neighbours, axes of one
    using odd = xg::input<float, 5, 17, 1, 9>;
    auto planes = xg::compile<odd>(
        [](auto z)
        {
            return std::make_tuple(xg::transpose<1, 0, 2, 3>(z), xg::transpose<0, 3, 2, 1>(z), xg::transpose<3, 2, 0, 1>(z),
                                   xg::transpose<3, 1, 0, 2>(z), xg::transpose<2, 0, 1, 3>(z));
        });
    const auto z = check::random<odd>(3, -2, 2);
    const auto [rows, inner, flat, turn, same] = planes(z);
    CHECK((rows == xt::eval(xt::transpose(z, {1, 0, 2, 3}))));
    CHECK((inner == xt::eval(xt::transpose(z, {0, 3, 2, 1}))));
    CHECK((flat == xt::eval(xt::transpose(z, {3, 2, 0, 1}))));
    CHECK((turn == xt::eval(xt::transpose(z, {3, 1, 0, 2}))));
    CHECK((same == xt::eval(xt::transpose(z, {2, 0, 1, 3}))));
    auto large = xg::compile<xg::input<float, 70, 131>>(last_two);
    const auto w = check::random<xg::input<float, 70, 131>>(4, -2, 2);
    CHECK((large(w) == xt::eval(xt::transpose(w))));
    auto masks = xg::compile<xg::input<bool, 2, 3>>(last_two);
    CHECK(masks(xt::xtensor<bool, 2>{{true, false, false}, {true, true, false}})(1, 1));
}

TEST_CASE("transpose has the derivatives that differences give", "[op]")
{
    using small = xg::input<double, 2, 3, 2>;
    check::gradients<small>([](auto x) { return turned(x) * xg::transpose<2, 0, 1>(x * x); }, check::random<small>(1, -2, 2));
    check::second_gradients<small>([](auto x) { return last_two(x * x); }, check::random<small>(2, -2, 2));
}

TEST_CASE("transpose of a batch is that of its items", "[op]")
{
    check::batches<double, 2, 3>([](auto x) { return xg::transpose<0, 2, 1>(x) * 2; });
}
