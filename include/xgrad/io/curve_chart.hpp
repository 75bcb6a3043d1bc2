// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/markup.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// One line of a chart: a value for each step 1, 2, 3...; what is not finite or beyond 1e300 leaves a gap.
    struct curve
    {
        std::string name;
        std::vector<double> values;
    };

    namespace detail
    {
        // Places of a chart in pixels; the drawing scales with the page.
        struct chart_frame
        {
            static constexpr double left = 62, right = 708, top = 10, bottom = 290, width = 720, height = 340;
            double last_step, low, high;

            double x(double step) const
            {
                return last_step > 1 ? left + (right - left) * (step - 1) / (last_step - 1) : (left + right) / 2;
            }
            double y(double value) const { return bottom - (bottom - top) * ((value - low) / (high - low)); }
        };

        // Near the largest numbers axes would overflow.
        inline bool can_be_drawn(double value) { return std::abs(value) <= 1e300; }

        inline std::string svg_text(double x, double y, std::string_view anchor, std::string_view text)
        {
            return "<text x=\"" + pixel_text(x) + "\" y=\"" + pixel_text(y) + "\" text-anchor=\"" + std::string{anchor} +
                   "\">" + escape_html(text) + "</text>";
        }

        // The steps to draw: all, or for a long curve the lowest and the highest of each pixel's width.
        inline std::vector<std::size_t> steps_to_draw(std::span<const double> values)
        {
            constexpr std::size_t most = 1300;
            std::vector<std::size_t> steps;
            const std::size_t stride = values.size() <= most ? 1 : (values.size() + most / 2 - 1) / (most / 2);
            for (std::size_t begin = 0; begin < values.size(); begin += stride)
            {
                const auto part = values.subspan(begin, std::min(stride, values.size() - begin));
                std::size_t low = part.size(), high = part.size();
                for (std::size_t i = 0; i < part.size(); ++i)
                    if (can_be_drawn(part[i]))
                    {
                        low = low == part.size() || part[i] < part[low] ? i : low;
                        high = high == part.size() || part[i] > part[high] ? i : high;
                    }
                // Where nothing can be drawn one step stands for the gap.
                low = low == part.size() ? 0 : low;
                high = high == part.size() ? 0 : high;
                steps.push_back(begin + std::min(low, high));
                if (low != high)
                    steps.push_back(begin + std::max(low, high));
            }
            return steps;
        }

        inline std::string curve_svg(const chart_frame& frame, const curve& line, std::size_t number)
        {
            const std::string color = "s" + std::to_string(number % 8);
            // From the ninth curve on colours repeat, so lines are dashed.
            const std::string dash = number >= 8 ? " stroke-dasharray=\"5 4\"" : "";
            std::string path, dots;
            bool pen_down = false;
            const auto steps = steps_to_draw(line.values);
            const bool few = steps.size() <= 40;
            for (std::size_t k = 0; k < steps.size(); ++k)
            {
                const double value = line.values[steps[k]];
                if (!can_be_drawn(value))
                {
                    pen_down = false;
                    continue;
                }
                const auto step = static_cast<double>(steps[k] + 1);
                const std::string x = pixel_text(frame.x(step)), y = pixel_text(frame.y(value));
                const bool alone = !pen_down && (k + 1 == steps.size() || !can_be_drawn(line.values[steps[k + 1]]));
                path += (pen_down ? "L" : "M") + x + " " + y;
                pen_down = true;
                if (few || alone)
                    dots += "<circle class=\"" + color + "\" cx=\"" + x + "\" cy=\"" + y + "\" r=\"3\"><title>" +
                            escape_html(line.name) + ", " + std::to_string(steps[k] + 1) + ": " + number_text(value, 6) +
                            "</title></circle>";
            }
            // Noise drawn with a broad pen is a solid band.
            const std::string pen = steps.size() > 300 ? " fine" : "";
            return "<path class=\"" + color + pen + "\" d=\"" + path + "\"" + dash + "/>" + dots + "\n";
        }

        inline std::string axes_svg(const chart_frame& frame, std::span<const double> ticks, std::string_view x_label,
                                    std::string_view y_label)
        {
            using box = chart_frame;
            std::string svg = "<g class=\"grid\">";
            for (const double tick : ticks)
                svg += "<path d=\"M" + pixel_text(box::left) + " " + pixel_text(frame.y(tick)) + "H" + pixel_text(box::right) +
                       "\"/>" + svg_text(box::left - 8, frame.y(tick) + 4, "end", number_text(tick));
            const double step = std::max(1., std::ceil(nice_ticks(0, frame.last_step, 14)[1]));
            for (double tick = step; tick <= frame.last_step; tick += step)
                svg += svg_text(frame.x(tick), box::bottom + 18, "middle", number_text(tick, 7));
            // Ticks are multiples of the step, of which the first step is one only if it is 1.
            if (step > 1)
                svg += svg_text(frame.x(1), box::bottom + 18, "middle", "1");
            svg += "</g><path class=\"axis\" d=\"M" + pixel_text(box::left) + " " + pixel_text(box::bottom) + "H" +
                   pixel_text(box::right) + "\"/><g class=\"label\">" +
                   svg_text((box::left + box::right) / 2, box::height - 10, "middle", x_label) +
                   "<text transform=\"translate(14 " + pixel_text((box::top + box::bottom) / 2) +
                   ") rotate(-90)\" text-anchor=\"middle\">" + escape_html(y_label) + "</text></g>\n";
            return svg;
        }

        inline std::string chart_html(std::string_view title, std::string_view x_label, std::string_view y_label,
                                      std::span<const curve> curves)
        {
            double low = std::numeric_limits<double>::infinity(), high = -low;
            std::size_t last_step = 1;
            for (const curve& each : curves)
            {
                last_step = std::max(last_step, each.values.size());
                for (const double value : each.values)
                    if (can_be_drawn(value))
                    {
                        low = std::min(low, value);
                        high = std::max(high, value);
                    }
            }
            if (!(low <= high))
                low = 0, high = 1;
            // Zero belongs to the picture if it is near.
            if (low > 0 && low < 0.4 * high)
                low = 0;
            const auto ticks = nice_ticks(low, high, 5);
            const chart_frame frame{static_cast<double>(last_step), ticks.front(), ticks.back()};

            std::string html = "<figure><figcaption>" + escape_html(title) + "</figcaption>\n<ul class=\"legend\">";
            for (std::size_t i = 0; i < curves.size(); ++i)
            {
                html += "<li><svg width=\"22\" height=\"10\" aria-hidden=\"true\"><path class=\"s" + std::to_string(i % 8) +
                        "\" d=\"M1 5H21\"" + (i >= 8 ? " stroke-dasharray=\"5 4\"" : "") + "/></svg>" +
                        escape_html(curves[i].name);
                if (!curves[i].values.empty())
                    html += " <b>" + number_text(curves[i].values.back()) + "</b>";
                html += "</li>";
            }
            html += "</ul>\n<svg class=\"chart\" viewBox=\"0 0 " + pixel_text(chart_frame::width) + " " +
                    pixel_text(chart_frame::height) + "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">\n" +
                    axes_svg(frame, ticks, x_label, y_label);
            for (std::size_t i = 0; i < curves.size(); ++i)
                html += curve_svg(frame, curves[i], i);
            return html + "</svg></figure>\n";
        }
    }
}
