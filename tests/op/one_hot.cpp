// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/one_hot.hpp>

namespace
{
    constexpr auto f = [](auto x) { return xg::one_hot<4>(x); };
    using result = check::result_of<decltype(f), xg::batch<8, std::uint8_t, 3>>;
    static_assert(std::is_same_v<result::shape_type, xg::at_most<8, 3, 4>> && std::is_same_v<result::value_type, float>);
}

TEST_CASE("one_hot has a single 1 in every row", "[op]")
{
    auto program =
        xg::compile<xg::batch<8, std::int32_t>>([](auto x) { return std::make_tuple(f(x), xg::one_hot<1, bool>(0 * x)); });
    const xt::xtensor<float, 2> expected{{1, 0, 0, 0}, {0, 0, 0, 1}, {0, 1, 0, 0}};
    const auto [y, single] = program(std::array{0, 3, 1});
    CHECK((y == expected));
    CHECK(check::distance(single, std::array{true, true, true}) == 0);
    CHECK(std::get<0>(program(std::array{2}))(0, 2) == 1);
    auto matrix = xg::compile<xg::input<std::int64_t, 2, 3>>([](auto x) { return xg::one_hot<5, double>(x); });
    const auto x = check::random<xg::input<std::int64_t, 2, 3>>(1, 0, 5);
    const auto m = matrix(x);
    for (std::size_t i = 0; i < 6; ++i)
        for (std::size_t k = 0; k < 5; ++k)
            CHECK(m.data()[5 * i + k] == (x.data()[i] == static_cast<std::int64_t>(k)));
}

TEST_CASE("one_hot refuses what has no place", "[op]")
{
    auto program = xg::compile<xg::input<std::int32_t, 3>>(f);
    REQUIRE_THROWS_WITH(program(std::array{0, 4, 1}), Catch::Contains("one_hot: label number 1 is 4, but must be from 0 to 3"));
    REQUIRE_THROWS_AS(program(std::array{0, 1, -1}), xg::range_error);
}
