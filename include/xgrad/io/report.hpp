// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/atomic_file.hpp>
#include <xgrad/io/curve_chart.hpp>
#include <xgrad/io/markup.hpp>
#include <xgrad/io/matrix_chart.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        inline constexpr std::string_view report_style = R"(
:root{color-scheme:light dark;--page:#f9f9f7;--card:#fff;--ink:#1a1a19;--soft:#6b6a64;--line:#e4e3dd;--axis:#b9b8b0;
--on:#fff;--s0:#2a78d6;--s1:#eb6834;--s2:#1baf7a;--s3:#c98500;--s4:#d55181;--s5:#008300;--s6:#4a3aa7;--s7:#e34948}
@media(prefers-color-scheme:dark){:root{--page:#0f0f0e;--card:#1a1a19;--ink:#f2f1ec;--soft:#a3a29a;--line:#2f2e2b;
--axis:#55544e;--s0:#4c94ea;--s1:#e0703f;--s2:#25a575;--s3:#d09a20;--s4:#de6c97;--s5:#3fa23f;--s6:#9085e9;--s7:#e66767}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:820px;margin:0 auto;padding:40px 20px 64px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 20px;letter-spacing:-.01em}
h2{font-size:1.2rem;margin:36px 0 8px}
p{white-space:pre-line;max-width:68ch;margin:12px 0}
figure,.table{margin:24px 0;padding:20px;background:var(--card);border:1px solid var(--line);border-radius:10px}
.table{overflow-x:auto;padding:8px 20px}
figcaption{font-weight:600;margin-bottom:8px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:8px 0 8px 20px;text-align:left;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:500;font-size:.9rem}
tr:last-child td{border-bottom:0}
th:first-child,td:first-child{padding-left:0}
.number{text-align:right}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 10px;padding:0;font-size:.9rem;color:var(--soft)}
.legend svg{margin-right:6px;vertical-align:1px}
.legend b{color:var(--ink);font-weight:600;font-variant-numeric:tabular-nums}
svg text{font-size:12px;fill:var(--soft)}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}
.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}
svg path{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.chart,.matrix{display:block;width:100%;height:auto}
.grid path{stroke:var(--line);stroke-width:1}
svg .fine{stroke-width:1}
svg .axis{stroke:var(--axis);stroke-width:1}
circle{fill:var(--c);stroke:var(--card);stroke-width:1.5}
.matrix rect{fill:var(--s0);rx:3px}
.matrix text.on{fill:var(--on);font-weight:600}
.matrix text.off{fill:var(--ink)}
)";

        // "-0.5", "235,146", "89.1 %", and "-" or nothing where a number is missing.
        inline bool looks_like_a_number(std::string_view text)
        {
            const auto first = text.find_first_not_of("+-. ");
            return first == text.npos || std::isdigit(static_cast<unsigned char>(text[first]));
        }
    }

    /// A page of text, tables and charts in one HTML file, without scripts and in light or dark colours as the reader
    /// likes.
    class report
    {
    public:
        /// A page with a title.
        explicit report(std::string title) : title_{std::move(title)} {}

        /// Adds a heading.
        void heading(std::string_view words) { body_ += "<h2>" + escape_html(words) + "</h2>\n"; }

        /// Adds a paragraph.
        void text(std::string_view words) { body_ += "<p>" + escape_html(words) + "</p>\n"; }

        /// Adds a table; columns of numbers are aligned to the right.
        void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows)
        {
            std::vector<bool> numbers(header.size(), !rows.empty());
            for (std::size_t row = 0; row < rows.size(); ++row)
            {
                if (rows[row].size() != header.size())
                    throw shape_error("report: row " + std::to_string(row) + " of the table has " +
                                      std::to_string(rows[row].size()) + " cells, but the header has " +
                                      std::to_string(header.size()));
                for (std::size_t i = 0; i < header.size(); ++i)
                    numbers[i] = numbers[i] && detail::looks_like_a_number(rows[row][i]);
            }
            body_ += "<div class=\"table\"><table><thead>" + table_row("th", header, numbers) + "</thead><tbody>\n";
            for (const auto& row : rows)
                body_ += table_row("td", row, numbers);
            body_ += "</tbody></table></div>\n";
        }

        /// Adds a chart of one or more curves over the steps 1, 2, 3...
        void curves(std::string_view title, std::string_view x_label, std::string_view y_label, const std::vector<curve>& lines)
        {
            body_ += detail::chart_html(title, x_label, y_label, lines);
        }

        /// Adds a confusion matrix: counts[actual][predicted].
        void confusion_matrix(std::string_view title, const std::vector<std::string>& classes,
                              const std::vector<std::vector<int>>& counts)
        {
            const auto fits = [&](const auto& row) { return row.size() == classes.size(); };
            if (counts.size() != classes.size() || !std::ranges::all_of(counts, fits))
                throw shape_error("report: a confusion matrix of " + std::to_string(classes.size()) +
                                  " classes has as many rows and columns, this one has " + std::to_string(counts.size()) +
                                  " rows" + (counts.size() == classes.size() ? " of other lengths" : ""));
            body_ += detail::matrix_html(title, classes, counts);
        }

        /// The page as HTML.
        std::string html() const
        {
            const std::string title = escape_html(title_);
            return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>" +
                   title + "</title>\n<style>" + std::string{detail::report_style} + "</style></head>\n<body><main>\n<h1>" +
                   title + "</h1>\n" + body_ + "</main></body></html>\n";
        }

        /// Writes the page, completely or not at all.
        void save(const std::filesystem::path& path) const
        {
            atomic_file file{path};
            file.write(html());
            file.commit();
        }

    private:
        static std::string table_row(const std::string& tag, const std::vector<std::string>& cells,
                                     const std::vector<bool>& numbers)
        {
            std::string row = "<tr>";
            for (std::size_t i = 0; i < cells.size(); ++i)
                row += "<" + tag + (numbers[i] ? " class=\"number\">" : ">") + escape_html(cells[i]) + "</" + tag + ">";
            return row + "</tr>\n";
        }

        std::string title_;
        std::string body_;
    };
}
