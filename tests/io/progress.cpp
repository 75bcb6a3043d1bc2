// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/progress.hpp>

#include <catch2/catch.hpp>

#include <sstream>
#include <string>
#include <thread>

namespace
{
    using namespace xgrad::io;
    using Catch::Contains;
    using Catch::EndsWith;
    using Catch::Matches;
    using Catch::StartsWith;

    constexpr terminal wide{true, true, false, 100};
    constexpr terminal plain{false, false, false, 80};
}

TEST_CASE("a piped progress bar writes a few plain lines", "[io]")
{
    std::ostringstream out;
    {
        progress_bar bar{out, "epoch 1/12", 1000, plain};
        for (std::size_t done = 0; done <= 1000; ++done)
            bar.update(done, "loss 0.41");
        bar.finish("accuracy 0.9");
        bar.finish();
        bar.update(1000);
    }
    std::istringstream lines{out.str()};
    std::string line;
    for (const char* percent : {"25", "50", "75"})
    {
        REQUIRE(std::getline(lines, line));
        CHECK_THAT(line, Matches("epoch 1/12: " + std::string{percent} + " %, [0-9.kMG]+/s, loss 0.41"));
    }
    REQUIRE(std::getline(lines, line));
    CHECK_THAT(line, Matches("epoch 1/12: 100 % in 0:0[0-9], [0-9.kMG]+/s, accuracy 0.9"));
    CHECK(!std::getline(lines, line));
}

TEST_CASE("a progress bar on a terminal redraws one line", "[io]")
{
    std::ostringstream out;
    {
        progress_bar bar{out, "epoch", 1000, wide};
        for (std::size_t done = 0; done <= 1000; ++done)
            bar.update(done, "loss 0.41");
        std::this_thread::sleep_for(std::chrono::milliseconds{110});
        bar.update(500, "loss 0.40");
        bar.finish("done");
    }
    const std::string text = out.str();
    // However fast the updates come: the first, the one after a tenth of a second, the last.
    CHECK(std::ranges::count(text, '\r') < 10);
    CHECK(std::ranges::count(text, '\n') == 1);
    CHECK_THAT(text, StartsWith("\repoch \u00b7"));
    CHECK_THAT(text, Contains("\u2588\u00b7") && Contains(" 50 %") && Contains("loss 0.40  0:00 left"));
    CHECK_THAT(text, EndsWith("done  in 0:00\x1b[K\n"));
}

TEST_CASE("a progress bar fits into a narrow terminal", "[io]")
{
    for (int width = 0; width < 60; ++width)
        for (const bool unicode : {false, true})
        {
            std::ostringstream out;
            progress_bar bar{out, "\u00e9poch", 3, terminal{true, unicode, false, width}};
            bar.update(1, "a note of some length");
            const std::string line = out.str().substr(1, out.str().size() - 4);
            CHECK(detail::columns(line) <= static_cast<std::size_t>(std::max(width - 1, 1)));
        }
}

TEST_CASE("a progress bar that is left alone ends its line", "[io]")
{
    std::ostringstream out;
    {
        progress_bar bar{out, "epoch", 0, wide};
        bar.update(0);
    }
    CHECK_THAT(out.str(), EndsWith("\n"));
    std::ostringstream nothing;
    {
        progress_bar bar{nothing, "epoch", 10, wide};
    }
    CHECK(nothing.str().empty());
}

TEST_CASE("times and rates are short", "[io]")
{
    CHECK(detail::clock_text(6.6) == "0:07");
    CHECK(detail::clock_text(754) == "12:34");
    CHECK(detail::clock_text(3723) == "1:02:03");
    CHECK(detail::clock_text(1e300) == "10000:00:00");
    CHECK(detail::short_number(0) == "0.0");
    CHECK(detail::short_number(99.9) == "99.9");
    CHECK(detail::short_number(950.4) == "950");
    CHECK(detail::short_number(51200) == "51.2k");
    CHECK(detail::short_number(1.26e6) == "1.3M");
}
