// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/concatenate.hpp>

#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>

namespace
{
    template <std::ptrdiff_t... Extents>
    using tensor = xg::input<double, Extents...>;
    constexpr auto columns = [](auto a, auto b, auto c) { return xg::concatenate<1>(a, b, c); };
    using result = check::result_of<decltype(columns), tensor<3, 1, 5>, tensor<3, 4, 5>, tensor<3, 2, 5>>;
    static_assert(std::is_same_v<result::shape_type, xg::extents<3, 7, 5>>);
    static_assert(check::constant([](auto x) { return xg::concatenate<0>(xg::slice<0, 2, 4>(x), xg::slice<0, 0, 2>(x)); },
                                  std::array{1, 2, 3, 4}) == std::array{3, 4, 1, 2});

    template <int Axis>
    constexpr auto stacked = [](auto x)
    {
        std::array<decltype(xg::named(select(x, 0))), 3> rows{xg::named(select(x, 2)), xg::named(select(x, 0) * 2),
                                                              xg::named(select(x, 1))};
        return xg::stack<Axis>(rows);
    };
}

TEST_CASE("concatenate is xtensor's", "[op]")
{
    auto program = xg::compile<tensor<3, 1, 5>, tensor<3, 4, 5>, tensor<3, 2, 5>>(columns);
    const auto a = check::random<tensor<3, 1, 5>>(1, -2, 2);
    const auto b = check::random<tensor<3, 4, 5>>(2, -2, 2);
    const auto c = check::random<tensor<3, 2, 5>>(3, -2, 2);
    CHECK((program(a, b, c) == xt::eval(xt::concatenate(xt::xtuple(a, b, c), 1))));
    auto others = xg::compile<tensor<2, 3>, tensor<1, 3>, tensor<2, 2>>(
        [](auto a, auto b, auto c)
        { return std::make_tuple(xg::concatenate<0>(a, b), xg::concatenate<-1>(a * 2, c), xg::concatenate<0>(a, a, a)); });
    const auto x = check::random<tensor<2, 3>>(4, -2, 2), y = check::random<tensor<1, 3>>(5, -2, 2),
               z = check::random<tensor<2, 2>>(6, -2, 2);
    const auto [down, along, same] = others(x, y, z);
    CHECK((down == xt::eval(xt::concatenate(xt::xtuple(x, y), 0))));
    CHECK((along == xt::eval(xt::concatenate(xt::xtuple(xt::eval(2 * x), z), 1))));
    CHECK((same == xt::eval(xt::concatenate(xt::xtuple(x, x, x), 0))));
}

TEST_CASE("stack joins along a new axis", "[op]")
{
    auto program = xg::compile<tensor<3, 2>>([](auto x) { return std::make_tuple(stacked<0>(x), stacked<1>(x)); });
    const xt::xtensor<double, 2> x{{1, 2}, {3, 4}, {5, 6}}, expected{{5, 6}, {2, 4}, {3, 4}};
    const auto [rows, columns] = program(x);
    CHECK((rows == expected));
    CHECK((columns == xt::eval(xt::transpose(expected))));
}

TEST_CASE("concatenate and stack have the derivatives that differences give", "[op]")
{
    check::second_gradients<tensor<2, 1>, tensor<2, 2>>([](auto a, auto b) { return xg::concatenate<1>(a * a, b, a * b); },
                                                        check::random<tensor<2, 1>>(1, -2, 2),
                                                        check::random<tensor<2, 2>>(2, -2, 2));
    check::gradients<tensor<3, 2>>(stacked<0>, check::random<tensor<3, 2>>(3, -2, 2));
    check::gradients<tensor<3, 2>>(stacked<-1>, check::random<tensor<3, 2>>(4, -2, 2));
}

TEST_CASE("concatenate of batches is that of their rows", "[op]")
{
    check::batches<double, 3>([](auto x) { return xg::concatenate<1>(x * 2, x); });
}
