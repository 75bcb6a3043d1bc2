// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/compare.hpp>

namespace
{
    constexpr auto all = [](auto a, auto b) { return std::make_tuple(a == b, a != b, a<b, a <= b, a> b, a >= b); };

    using result =
        check::result_of<decltype([](auto a, auto b) { return a < b; }), xg::input<float, 3, 1>, xg::input<float, 5>>;
    static_assert(std::is_same_v<result::value_type, bool>);
    static_assert(std::is_same_v<result::shape_type, xg::extents<3, 5>>);
    static_assert(check::constant([](auto x) { return x >= 2; }, std::array{1, 2, 3}) == std::array{false, true, true});

    template <class T>
    void as_xtensor()
    {
        using column = xg::input<T, 5, 1>;
        using row = xg::input<T, 37>;
        auto program = xg::compile<column, row>(all);
        const auto a = check::random<column>(1, 0, 4);
        const auto b = check::random<row>(2, 0, 4);
        const auto [eq, ne, lt, le, gt, ge] = program(a, b);
        CHECK((eq == xt::eval(xt::equal(a, b))));
        CHECK((ne == xt::eval(xt::not_equal(a, b))));
        CHECK((lt == xt::eval(a < b)));
        CHECK((le == xt::eval(a <= b)));
        CHECK((gt == xt::eval(a > b)));
        CHECK((ge == xt::eval(a >= b)));
    }
}

TEST_CASE("comparisons are xtensor's", "[op]")
{
    as_xtensor<float>();
    as_xtensor<std::int32_t>();
    as_xtensor<std::uint8_t>();
}

TEST_CASE("comparisons with NaN are false, but for !=", "[op]")
{
    using one = xg::input<double, 3>;
    auto program = xg::compile<one, one>(all);
    const auto [eq, ne, lt, le, gt, ge] =
        program(std::array{check::nan, 0., check::infinity}, std::array{check::nan, -0., check::nan});
    CHECK(check::distance(eq, std::array{false, true, false}) == 0);
    CHECK(check::distance(ne, std::array{true, false, true}) == 0);
    CHECK(check::distance(lt, std::array{false, false, false}) == 0);
    CHECK(check::distance(le, std::array{false, true, false}) == 0);
    CHECK(check::distance(gt, std::array{false, false, false}) == 0);
    CHECK(check::distance(ge, std::array{false, true, false}) == 0);
}

TEST_CASE("masks compare with masks and numbers with either side", "[op]")
{
    using mask = xg::input<bool, 19>;
    auto program = xg::compile<mask, mask, xg::input<double, 19>>([](auto a, auto b, auto x)
                                                                  { return std::make_tuple(a == b, a != (x > 1), 1 < x); });
    xt::xtensor<bool, 1> a = xt::zeros<bool>({19}), b = a;
    xt::xtensor<double, 1> x = xt::arange<double>(19);
    for (std::size_t i = 0; i < 19; ++i)
    {
        a(i) = i % 2;
        b(i) = i % 3;
    }
    const auto [same, differs, more] = program(a, b, x);
    for (std::size_t i = 0; i < 19; ++i)
    {
        CHECK(same(i) == (a(i) == b(i)));
        CHECK(differs(i) == (a(i) != (i > 1)));
        CHECK(more(i) == (i > 1));
    }
}
