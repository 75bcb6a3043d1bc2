// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/index.hpp>

using xg::detail::checked_index;

namespace
{
    static_assert(checked_index(std::uint8_t{3}, 0, 4, "gather: index") == 3);
    static_assert(checked_index(std::int64_t{0}, 0, 1, "gather: index") == 0);
}

TEST_CASE("an index out of range is refused with its place and value", "[op]")
{
    using Catch::Contains;
    REQUIRE_THROWS_WITH(checked_index(4, 7, 4, "gather: index"),
                        Contains("xgrad::gather: index number 7 is 4, but must be from 0 to 3"));
    REQUIRE_THROWS_WITH(checked_index(-1, 0, 10, "one_hot: label"), Contains("label number 0 is -1"));
    REQUIRE_THROWS_AS(checked_index(std::int64_t{1} << 40, 0, 10, "one_hot: label"), xg::range_error);
    REQUIRE_THROWS_AS(checked_index(std::uint8_t{255}, 0, 255, "one_hot: label"), xg::range_error);
}
