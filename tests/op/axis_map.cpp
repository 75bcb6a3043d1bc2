// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/op/axis_map.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>

// pad and upsample, which are made of it, are tested in files of their own
TEST_CASE("the elements of a result come from within the axis", "[op]")
{
    using xg::op::axis_source, xg::op::axis_taps;
    for (const auto source : {axis_source::zeros, axis_source::reflect, axis_source::replicate})
        for (std::ptrdiff_t i = 0; i < 11; ++i)
        {
            const axis_taps taps(source, i, 4, 5, 11);
            CHECK(taps.first == (source == axis_source::zeros     ? (i > 8 ? -1 : i - 4)
                                 : source == axis_source::reflect ? 4 - std::abs(4 - std::abs(i - 4))
                                                                  : std::clamp<std::ptrdiff_t>(i - 4, 0, 4)));
        }
    for (std::ptrdiff_t i = 0; i < 12; ++i) // once around on either side
        CHECK(axis_taps(axis_source::circular, i, 4, 4, 12).first == i % 4);
    for (std::ptrdiff_t out = 1; out < 20; ++out)
        for (std::ptrdiff_t i = 0; i < out; ++i)
        {
            const axis_taps near(axis_source::nearest, i, 0, 7, out), line(axis_source::linear, i, 0, 7, out);
            const axis_taps corners(axis_source::linear_corners, i, 0, 7, out);
            CHECK((corners.first >= 0 && corners.second < 7 && corners.share < 1));
            if (i == 0 || i == out - 1)
                CHECK((corners.first == (i == 0 ? 0 : 6) && corners.share == 0));
            CHECK((near.first >= 0 && near.first < 7));
            CHECK((line.first >= 0 && line.first <= line.second && line.second < 7 && line.share >= 0 && line.share < 1));
        }
}
