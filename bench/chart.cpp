// SPDX-License-Identifier: BSD-3-Clause
#include "chart.hpp"

#include <xgrad/io/atomic_file.hpp>
#include <xgrad/io/markup.hpp>

#include <algorithm>
#include <cmath>

namespace bench
{
    namespace
    {
        using xg::io::escape_html, xg::io::number_text, xg::io::pixel_text;

        constexpr double narrowest = 272, scale = 440, margin = 68; // names, the axis, the number behind it
        constexpr double letter = 7.25, top = 78, pitch = 19, heading = 34;
        constexpr double smallest = 0.02, largest = 500; // what lies beyond is drawn at the edge

        constexpr const char* style = R"(
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #6b6a64 }
.title, .number, .name { fill: #1a1a19 } .title { font-weight: 600 } .large { font-size: 15px }
.name { font: 12px ui-monospace, "DejaVu Sans Mono", monospace } .page { fill: #ffffff }
path { fill: none; stroke: #e4e3dd } .one { stroke: #6b6a64 } .floor { stroke: #1a1a19; stroke-width: 2 }
.ahead { fill: #1baf7a } .behind { fill: #e34948 } rect.ahead, rect.behind { fill-opacity: .28 }
circle { stroke: #ffffff } .c0 { fill: #2a78d6 } .c1 { fill: #eb6834 } .c2 { fill: #c98500 } .c3 { fill: #d55181 }
@media (prefers-color-scheme: dark) {
text { fill: #a3a29a } .title, .number, .name { fill: #f2f1ec } .page { fill: #1a1a19 } path { stroke: #2f2e2b }
.one { stroke: #a3a29a } .floor { stroke: #f2f1ec } circle { stroke: #1a1a19 }
.c0 { fill: #4c94ea } .c1 { fill: #e0703f } .c2 { fill: #d09a20 } .c3 { fill: #de6c97 } }
)";

        std::string attribute(const char* name, const std::string& value)
        {
            return std::string(" ") + name + "=\"" + value + "\"";
        }

        std::string text(double x, double y, const char* anchor, const char* kind, const std::string& words)
        {
            return "<text" + attribute("x", pixel_text(x)) + attribute("y", pixel_text(y)) + attribute("text-anchor", anchor) +
                   attribute("class", kind) + ">" + escape_html(words) + "</text>\n";
        }

        std::string upright(double x, double from, double to, const char* kind)
        {
            return "<path" + attribute("class", kind) + " d=\"M" + pixel_text(x) + " " + pixel_text(from) + "V" +
                   pixel_text(to) + "\"/>\n";
        }

        std::string dot(double x, double y, std::size_t peer, const std::string& words = "")
        {
            return "<circle" + attribute("class", "c" + std::to_string(peer % 4)) + attribute("cx", pixel_text(x)) +
                   attribute("cy", pixel_text(y)) + " r=\"4.5\"><title>" + escape_html(words) + "</title></circle>\n";
        }

        class drawing
        {
        public:
            explicit drawing(const report& r) : report_(r)
            {
                for (const auto& o : r.outcomes)
                    left_ = std::max(left_, 30 + letter * static_cast<double>(o.work.name.size()));
                for (const auto& o : r.outcomes)
                    if (o.timings.size() > 0)
                    {
                        include(o.floor.seconds / o.timings[0].median);
                        for (const auto& t : o.timings)
                            include(o.ratio(t.name));
                    }
            }

            std::string svg()
            {
                double y = top;
                std::string rows;
                for (std::size_t i = 0; i < report_.outcomes.size(); ++i)
                {
                    const outcome& o = report_.outcomes[i];
                    if (i == 0 || o.work.kind != report_.outcomes[i - 1].work.kind)
                        rows += text(16, (y += heading) - 12, "start", "title", title_of(o.work.kind));
                    else if (o.work.kind == kind::kernel && family(o) != family(report_.outcomes[i - 1]))
                        y += pitch / 2;
                    rows += row(o, y + pitch / 2);
                    y += pitch;
                }
                const std::string height = pixel_text(y + 66);
                return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + pixel_text(width()) + " " + height + "\"" +
                       attribute("width", pixel_text(width())) + attribute("height", height) +
                       " role=\"img\" aria-label=\"Peers' times over xgrad's\">\n<style>" + style +
                       "</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n" + legend() + axis(y) + rows +
                       text(16, y + 52, "start", "",
                            report_.processor + ", " + threads_text() + ", " + report_.compiler + ", " + report_.date) +
                       "</svg>\n";
            }

        private:
            void include(double ratio)
            {
                low_ = std::max(smallest, std::min(low_, ratio));
                high_ = std::min(largest, std::max(high_, ratio));
            }

            double width() const { return left_ + scale + margin; }

            // what a row's name begins with
            static std::string family(const outcome& o) { return o.work.name.substr(0, o.work.name.find('_')); }

            double x(double ratio) const
            {
                const double at = std::log(std::clamp(ratio, low_, high_) / low_) / std::log(high_ / low_);
                return left_ + scale * at;
            }

            std::string legend() const
            {
                std::string drawn =
                    text(16, 28, "start", "title large", "Peers' times over xgrad's") +
                    text(width() - 16, 28, "end", "", "bar and number: the fastest peer; right of 1 xgrad is faster");
                double at = 16;
                for (std::size_t i = 0; i < report_.peers.size(); ++i)
                {
                    drawn += dot(at + 5, 52, i) + text(at + 16, 56, "start", "", report_.peers[i].name);
                    at += 40 + 7 * static_cast<double>(report_.peers[i].name.size());
                }
                return drawn + upright(at + 5, 46, 58, "floor") + text(at + 14, 56, "start", "", "floor");
            }

            std::string axis(double bottom) const
            {
                std::string drawn;
                for (double power = 0.01; power <= 100; power *= 10)
                    for (const double digit : {1., 2., 5.})
                        if (const double tick = power * digit; tick >= low_ * 0.999 && tick <= high_ * 1.001)
                        {
                            const std::string number = number_text(tick, 3);
                            drawn += upright(x(tick), top, bottom, std::abs(tick - 1) < 1e-9 ? "one" : "") +
                                     text(x(tick), top - 4, "middle", "", number) +
                                     text(x(tick), bottom + 16, "middle", "", number);
                        }
                return drawn;
            }

            std::string row(const outcome& o, double y) const
            {
                std::string drawn = text(left_ - 14, y + 4, "end", "name", o.work.name);
                if (!o.failure.empty())
                    return drawn + text(x(1) + 8, y + 4, "start", "title", "failed");
                double best = 0;
                std::string dots;
                for (std::size_t i = 0; i < report_.peers.size(); ++i)
                    for (const timing& t : o.timings)
                        if (t.is_of(report_.peers[i].name))
                        {
                            const double ratio = o.ratio(t.name);
                            best = best > 0 ? std::min(best, ratio) : ratio;
                            dots += dot(x(ratio), y, i, t.name + " " + ratio_text(ratio));
                        }
                if (best > 0)
                {
                    const double from = x(std::min(best, 1.)), to = x(std::max(best, 1.));
                    drawn += "<rect" + attribute("class", best >= 1 ? "ahead" : "behind") + attribute("x", pixel_text(from)) +
                             attribute("y", pixel_text(y - 5)) + attribute("width", pixel_text(to - from)) +
                             " height=\"10\"/>\n" + text(width() - 16, y + 4, "end", "number", ratio_text(best));
                }
                return drawn + upright(x(o.floor.seconds / o.timings[0].median), y - 6, y + 6, "floor") + dots;
            }

            const report& report_;
            double left_ = narrowest, low_ = 0.5, high_ = 2;
        };
    }

    void save_chart(const std::filesystem::path& path, const report& r)
    {
        xg::io::atomic_file file{path};
        file.write(drawing(r).svg());
        file.commit();
    }
}
