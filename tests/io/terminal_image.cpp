// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/terminal_image.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <limits>
#include <sstream>

namespace
{
    using namespace xgrad::io;

    std::string drawn(std::span<const float> grey, int height, int width, terminal on)
    {
        std::ostringstream out;
        draw_image(out, grey, height, width, on);
        return out.str();
    }
}

TEST_CASE("an image is drawn", "[io]")
{
    constexpr std::array<float, 6> image{0.f, 1.f, 0.5f, 1.f, -3.f, std::numeric_limits<float>::quiet_NaN()};
    CHECK(drawn(image, 3, 2, {}) == ":@\n  \n");
    CHECK(drawn(image, 3, 2, {true, true, true, 80}) ==
          "\x1b[38;2;0;0;0;48;2;128;128;128m\u2580\x1b[38;2;255;255;255;48;2;255;255;255m\u2580\x1b[0m\n"
          "\x1b[38;2;0;0;0m\u2580\u2580\x1b[0m\n");
    CHECK(drawn(image, 3, 2, {true, true, false, 80}).starts_with("\x1b[38;5;16;48;5;244m\u2580\x1b[38;5;231;48;5;231m"));
    CHECK(drawn({}, 0, 0, {}).empty());
    std::ostringstream piped;
    draw_image(piped, image, 1, 6);
    CHECK(piped.str() == " @+@  \n");
}

TEST_CASE("an image of the wrong size is refused", "[io]")
{
    constexpr std::array<float, 6> image{};
    CHECK_THROWS_WITH(drawn(image, 2, 4, {}), "draw_image: 2x4 pixels are wanted, but 6 are given");
    CHECK_THROWS_AS(drawn(image, -2, -3, {}), xgrad::shape_error);
}
