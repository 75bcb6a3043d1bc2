// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/shape/extents.hpp>

#include <catch2/catch.hpp>

namespace
{
    using xg::at_most;
    using xg::extents;

    static_assert(extents<2, 3, 5>::value.size() == 30);
    static_assert(extents<2, 3, 5>::value.rows() == 6 && extents<2, 3, 5>::value.columns() == 5);
    static_assert(extents<>::value.size() == 1 && extents<>::value.columns() == 1 && extents<>::value.rank == 0);
    static_assert(extents<4, 0>::value.size() == 0);
    static_assert(extents<2, 3>::value[-1] == 3 && extents<2, 3>::value[0] == 2);
    static_assert(at_most<8, 3>::value.bounded && !(at_most<8, 3>::value == extents<8, 3>::value));

    static_assert(xg::reduced(extents<2, 3, 5>::value, 0b010, false) == extents<2, 5>::value);
    static_assert(xg::reduced(extents<2, 3, 5>::value, 0b101, true) == extents<1, 3, 1>::value);
    static_assert(xg::reduced(at_most<8, 3>::value, 0b10, false) == at_most<8>::value);
    static_assert(xg::reduced(at_most<8, 3>::value, 0b01, false) == extents<3>::value);
    static_assert(xg::reduced_count(extents<2, 3, 5>::value, 0b110) == 15);

    // a shape as a value and as a type are the same thing
    static_assert(std::is_same_v<xg::shape_type<extents<2, 3>::value>, extents<2, 3>>);
    static_assert(std::is_same_v<xg::shape_type<at_most<2, 3, 4, 5, 6, 7>::value>, at_most<2, 3, 4, 5, 6, 7>>);
    static_assert(std::is_same_v<xg::shape_type<extents<>::value>, extents<>>);
}

TEST_CASE("shapes are checked while compiling", "[shape]") { SUCCEED(); }
