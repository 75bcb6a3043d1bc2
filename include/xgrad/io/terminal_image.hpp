// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/terminal.hpp>
#include <xgrad/meta/error.hpp>

#include <cstddef>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // From 0 to levels - 1; whatever is no number is black.
        inline int grey_level(float grey, int levels)
        {
            return grey >= 1.f ? levels - 1 : grey > 0.f ? static_cast<int>(grey * static_cast<float>(levels)) : 0;
        }

        inline std::string grey_color(float grey, bool true_color)
        {
            if (true_color)
            {
                const std::string level = std::to_string(grey_level(grey, 256));
                return "2;" + level + ";" + level + ";" + level;
            }
            // Black, the 24 greys of the 256 colours, white.
            const int level = grey_level(grey, 26);
            return "5;" + std::to_string(level == 0 ? 16 : level == 25 ? 231 : 231 + level);
        }
    }

    /// Draws greys from 0 (black) to 1 (white), row by row, as half blocks on a terminal and as ASCII shades elsewhere.
    inline void draw_image(std::ostream& out, std::span<const float> grey, int height, int width, terminal on)
    {
        if (height < 0 || width < 0 || static_cast<std::size_t>(height) * static_cast<std::size_t>(width) != grey.size())
            throw shape_error("draw_image: " + std::to_string(height) + "x" + std::to_string(width) +
                              " pixels are wanted, but " + std::to_string(grey.size()) + " are given");
        constexpr std::string_view shades = " .:-=+*#%@";
        const auto at = [&](int row, int column)
        { return grey[static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column)]; };
        // One character is about twice as high as wide, so it stands for two rows.
        for (int row = 0; row < height; row += 2)
        {
            const bool has_lower = row + 1 < height;
            std::string line, previous;
            for (int column = 0; column < width; ++column)
            {
                const float upper = at(row, column);
                const float lower = has_lower ? at(row + 1, column) : 0.f;
                if (!on.interactive || !on.unicode)
                {
                    line += shades[static_cast<std::size_t>(
                        detail::grey_level(has_lower ? (upper + lower) / 2 : upper, static_cast<int>(shades.size())))];
                    continue;
                }
                const std::string color = "\x1b[38;" + detail::grey_color(upper, on.true_color) +
                                          (has_lower ? ";48;" + detail::grey_color(lower, on.true_color) : "") + "m";
                line += (color == previous ? "" : color) + "\u2580";
                previous = color;
            }
            out << line << (previous.empty() ? "\n" : "\x1b[0m\n");
        }
    }

    /// Draws an image as what the stream is can show it.
    inline void draw_image(std::ostream& out, std::span<const float> grey, int height, int width)
    {
        draw_image(out, grey, height, width, terminal_of(out));
    }
}
