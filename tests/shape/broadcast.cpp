// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/shape/broadcast.hpp>

#include <catch2/catch.hpp>

namespace
{
    using xg::at_most;
    using xg::extents;

    template <class A, class B>
    constexpr bool fits = xg::broadcastable(A::value, B::value);
    template <class A, class B, class Result>
    constexpr bool gives = std::is_same_v<decltype(xg::broadcast_shapes(A{}, B{})), Result> &&
                           std::is_same_v<decltype(xg::broadcast_shapes(B{}, A{})), Result>;

    static_assert(gives<extents<5, 7>, extents<5, 7>, extents<5, 7>>);
    static_assert(gives<extents<5, 7>, extents<7>, extents<5, 7>>);
    static_assert(gives<extents<5, 7>, extents<5, 1>, extents<5, 7>>);
    static_assert(gives<extents<5, 7>, extents<>, extents<5, 7>>);
    static_assert(gives<extents<3, 1, 7>, extents<5, 1>, extents<3, 5, 7>>);
    static_assert(gives<at_most<8, 7>, extents<7>, at_most<8, 7>>);
    static_assert(gives<at_most<8, 7>, extents<1, 7>, at_most<8, 7>>);
    static_assert(gives<at_most<8, 7>, at_most<8, 1>, at_most<8, 7>>);
    static_assert(gives<at_most<8>, extents<1>, at_most<8>>);

    static_assert(!fits<extents<5, 7>, extents<5>>);
    static_assert(!fits<extents<2>, extents<3>>);
    // a batch of unknown length meets only itself or a single row, and stays the leading axis
    static_assert(!fits<at_most<8, 7>, extents<8, 7>>);
    static_assert(!fits<at_most<7>, extents<5, 7>>);
    static_assert(!fits<at_most<7>, at_most<8, 7>>);
}

TEST_CASE("shapes known only as values broadcast alike, and clash with an exception", "[shape]")
{
    const auto value = [](auto s) { return xg::dynamic{s.value}; };
    CHECK(xg::broadcast_shapes(value(extents<3, 1, 7>{}), extents<5, 1>{}).value == extents<3, 5, 7>::value);
    CHECK_THROWS_WITH(xg::broadcast_shapes(value(extents<3, 4>{}), extents<5>{}),
                      Catch::Contains("broadcasting [3, 4] with [5]"));
    CHECK_THROWS_AS(xg::broadcast(at_most<8, 7>::value, extents<8, 7>::value), xg::shape_error);
}

TEST_CASE("shapes print", "[shape]")
{
    CHECK(xg::to_string(at_most<64, 784>::value) == "[<=64, 784]");
    CHECK(xg::to_string(extents<>::value) == "[]");
}
