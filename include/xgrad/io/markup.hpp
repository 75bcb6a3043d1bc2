// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Text as HTML shows it: markup characters escaped, control characters that HTML forbids replaced.
    inline std::string escape_html(std::string_view text)
    {
        std::string safe;
        for (const char c : text)
            switch (c)
            {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&#39;";
                break;
            default:
                safe += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
            }
        return safe;
    }

    /// A number with so many significant digits, whatever the locale: "0.25", "1e-05".
    inline std::string number_text(double value, int digits = 4)
    {
        std::array<char, 64> text;
        const auto result = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, digits);
        return {text.data(), result.ptr};
    }

    /// A place in a drawing, to a tenth of a pixel.
    inline std::string pixel_text(double value)
    {
        // Adding zero turns -0 into 0.
        return number_text(std::round(value * 10) / 10 + 0., 7);
    }

    /// Round numbers that divide a range within +-1e300 into about `wanted` parts, the first and the last enclosing it.
    inline std::vector<double> nice_ticks(double low, double high, int wanted)
    {
        // Ranges around the smallest numbers cannot be divided.
        if (!(high - low > 1e-300))
        {
            const double around = std::abs(low) < 1e-290 ? 1 : std::abs(low) / 2;
            low -= around;
            high += around;
        }
        const double rough = (high - low) / wanted;
        const double power = std::pow(10., std::floor(std::log10(rough)));
        double step = power * 10;
        for (const double factor : {5., 2., 1.})
            if (power * factor >= rough)
                step = power * factor;
        const double first = std::floor(low / step), last = std::ceil(high / step);
        std::vector<double> ticks;
        // A range too narrow for its numbers, like 1e300 to its neighbour, gives two ticks.
        if (!(last - first >= 1 && last - first <= 4. * wanted))
            return {low, high};
        for (double i = first; i <= last; ++i)
            ticks.push_back(i * step);
        return ticks;
    }
}
