// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/curve_chart.hpp>
#include <xgrad/io/markup.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io::detail
{
    inline std::string matrix_cell(double x, double y, double size, const std::string& what, int count, double share)
    {
        // The square root shows the rare mistakes, which a linear scale would hide.
        const double shade = std::sqrt(share);
        std::string svg = "<g><title>" + what + ": " + std::to_string(count) + " (" + number_text(share * 100, 3) +
                          " %)</title><rect x=\"" + pixel_text(x) + "\" y=\"" + pixel_text(y) + "\" width=\"" +
                          pixel_text(size - 2) + "\" height=\"" + pixel_text(size - 2) + "\" fill-opacity=\"" +
                          number_text(0.06 + 0.94 * shade, 3) + "\"/>";
        if (count != 0 && size >= 30)
            svg += "<text class=\"" + std::string{shade > 0.6 ? "on" : "off"} + "\" x=\"" + pixel_text(x + size / 2 - 1) +
                   "\" y=\"" + pixel_text(y + size / 2 + 3) + "\" text-anchor=\"middle\">" + std::to_string(count) + "</text>";
        return svg + "</g>\n";
    }

    inline std::string matrix_html(std::string_view title, std::span<const std::string> classes,
                                   std::span<const std::vector<int>> counts)
    {
        std::size_t longest = 0;
        for (const auto& name : classes)
            longest = std::max(longest, name.size());
        const auto n = static_cast<double>(classes.size());
        const double names = 7. * static_cast<double>(std::min<std::size_t>(longest, 24)) + 12;
        const double left = 26 + names, size = std::clamp((720 - left - 6) / std::max(n, 1.), 8., 54.);
        const double edge = size * n;
        const double top = 6, bottom = top + edge;
        // Slanted names need room below in proportion to their length.
        const double height = bottom + names * 0.72 + 40;

        std::string svg;
        for (std::size_t row = 0; row < classes.size(); ++row)
        {
            double sum = 0;
            for (const int count : counts[row])
                sum += count;
            const double y = top + size * static_cast<double>(row);
            svg += svg_text(left - 8, y + size / 2 + 3, "end", classes[row]);
            for (std::size_t column = 0; column < classes.size(); ++column)
            {
                const int count = counts[row][column];
                svg += matrix_cell(left + size * static_cast<double>(column), y, size,
                                   escape_html(classes[row] + " taken for " + classes[column]), count,
                                   sum > 0 ? std::clamp(count / sum, 0., 1.) : 0);
            }
        }
        for (std::size_t column = 0; column < classes.size(); ++column)
            svg += "<text text-anchor=\"end\" transform=\"translate(" +
                   pixel_text(left + size * (static_cast<double>(column) + 0.5) + 4) + " " + pixel_text(bottom + 12) +
                   ") rotate(-40)\">" + escape_html(classes[column]) + "</text>";
        svg += "<g class=\"label\">" + svg_text(left + edge / 2, height - 8, "middle", "predicted") +
               "<text transform=\"translate(14 " + pixel_text(top + edge / 2) +
               ") rotate(-90)\" text-anchor=\"middle\">actual</text></g>\n";
        const double width = left + edge + 6;
        return "<figure><figcaption>" + escape_html(title) +
               "</figcaption>\n<svg class=\"matrix\" style=\"max-width:" + pixel_text(width) + "px\" viewBox=\"0 0 " +
               pixel_text(width) + " " + pixel_text(height) + "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">\n" +
               svg + "</svg></figure>\n";
    }
}
