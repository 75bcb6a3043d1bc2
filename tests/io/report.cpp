// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/report.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>

#include <unistd.h>

namespace
{
    using namespace xgrad::io;
    using Catch::Contains;

    constexpr double infinity = std::numeric_limits<double>::infinity();

    std::size_t times(const std::string& text, std::string_view what)
    {
        std::size_t count = 0;
        for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1))
            ++count;
        return count;
    }

    std::string chart(std::vector<double> values)
    {
        report page{"x"};
        page.curves("Loss", "epoch", "loss", {{"train", std::move(values)}});
        return page.html().substr(page.html().find("<figure>"));
    }
}

TEST_CASE("a report is one page that needs nothing else", "[io]")
{
    report page{"<Fashion & MNIST>"};
    page.heading("Results");
    page.text("a < b\nc");
    page.table({"what", "value"}, {{"accuracy", "89.1 %"}, {"\"x\"", "-"}});
    page.curves("Loss", "epoch", "loss", {{"train", {3, 2, 1}}, {"test", {3, 2.5, 2}}});
    page.confusion_matrix("Confusion", {"shirt", "coat"}, {{9, 1}, {0, 0}});
    const std::string html = page.html();
    CHECK_THAT(html, Contains("<title>&lt;Fashion &amp; MNIST&gt;</title>"));
    CHECK_THAT(html, Contains("<p>a &lt; b\nc</p>"));
    CHECK_THAT(html, Contains("<th>what</th><th class=\"number\">value</th>"));
    CHECK_THAT(html, Contains("<td>&quot;x&quot;</td><td class=\"number\">-</td>"));
    CHECK_THAT(html, Contains("<title>test, 2: 2.5</title>"));
    CHECK_THAT(html, Contains("<title>shirt taken for coat: 1 (10 %)</title>"));
    CHECK_THAT(html, Contains("prefers-color-scheme:dark"));
    for (const char* absent : {"<script", "http", "nan", "inf\""})
        CHECK(times(html, absent) == 0);
    for (const char* tag : {"svg", "g", "figure", "table", "text", "tr", "ul", "li", "main"})
        CHECK(times(html, "<" + std::string{tag} + ">") + times(html, "<" + std::string{tag} + " ") ==
              times(html, "</" + std::string{tag} + ">"));
}

TEST_CASE("charts bear any numbers", "[io]")
{
    for (const auto& values : std::vector<std::vector<double>>{{},
                                                               {1},
                                                               {0, 0, 0},
                                                               {infinity, -infinity},
                                                               {1e308, -1e308},
                                                               {1e300, std::nextafter(1e300, infinity)},
                                                               {5e-324, 0},
                                                               {-1e-300, 1e-300},
                                                               {1, std::nan(""), 2, 3}})
    {
        const std::string html = chart(values);
        // The legend may tell that the last value is infinite; places in the drawing may not.
        CHECK(times(html, "=\"nan") + times(html, "=\"-nan") + times(html, "=\"inf") + times(html, "=\"-inf") == 0);
        CHECK(times(html, " nan") + times(html, " inf") + times(html, " -inf") == 0);
        CHECK(times(html, "<text") < 30);
    }
    // The lone point before a gap is a dot.
    CHECK(times(chart({1, std::nan(""), 2, 3}), "<circle") == 3);
    CHECK(times(chart({1, std::nan(""), 2, 3}), "M") >= 2);
}

TEST_CASE("a long curve keeps its peaks and stays small", "[io]")
{
    std::vector<double> values(1'000'000, 1.);
    values[777'777] = 9.;
    const std::string html = chart(values);
    CHECK(html.size() < 50'000);
    CHECK(detail::steps_to_draw(values).size() < 1400);
    CHECK(std::ranges::count(detail::steps_to_draw(values), 777'777u) == 1);
    CHECK(detail::steps_to_draw(values).front() == 0);
}

TEST_CASE("ticks are round numbers", "[io]")
{
    CHECK(nice_ticks(0, 1, 5) == std::vector<double>{0., 0.2, 0.4, 3 * 0.2, 0.8, 1.});
    CHECK(nice_ticks(-3, 17, 5) == std::vector<double>{-5, 0, 5, 10, 15, 20});
    CHECK(number_text(0.25) == "0.25");
    CHECK(number_text(0.1 + 0.2) == "0.3");
    CHECK(pixel_text(-0.04) == "0");
}

TEST_CASE("tables and matrices that do not fit are refused", "[io]")
{
    report page{"x"};
    CHECK_THROWS_WITH(page.table({"a", "b"}, {{"1", "2"}, {"1"}}),
                      "report: row 1 of the table has 1 cells, but the header has 2");
    CHECK_THROWS_WITH(page.confusion_matrix("m", {"a", "b"}, {{1, 2}}),
                      "report: a confusion matrix of 2 classes has as many rows and columns, this one has 1 rows");
    CHECK_THROWS_WITH(page.confusion_matrix("m", {"a", "b"}, {{1, 2}, {3}}), Contains("2 rows of other lengths"));
}

TEST_CASE("a report is saved completely or not at all", "[io]")
{
    std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    report page{"x"};
    page.save(folder / "report.html");
    std::ifstream file{folder / "report.html", std::ios::binary};
    CHECK(std::string{std::istreambuf_iterator<char>{file}, {}} == page.html());
    CHECK_THROWS_WITH(page.save(folder / "report.html" / "below"), Contains("Not a directory"));
    CHECK(std::distance(std::filesystem::directory_iterator{folder}, {}) == 1);
    std::filesystem::remove_all(folder);
}
