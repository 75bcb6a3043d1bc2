// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/terminal.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // "0:07", "12:34", "1:02:03"
        inline std::string clock_text(double seconds)
        {
            const auto two_digits = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
            // Beyond 9999 hours nobody counts minutes, and the conversion must not overflow.
            const auto all = static_cast<std::int64_t>(std::clamp(seconds, 0., 3.6e7) + 0.5);
            const std::int64_t hours = all / 3600, minutes = all / 60 % 60;
            return (hours ? std::to_string(hours) + ":" + two_digits(minutes) : std::to_string(minutes)) + ":" +
                   two_digits(all % 60);
        }

        // "950", "51.2k", "1.3M"
        inline std::string short_number(double value)
        {
            const auto tenths = [](double scaled)
            {
                const auto all = static_cast<std::int64_t>(scaled * 10 + 0.5);
                return std::to_string(all / 10) + "." + std::to_string(all % 10);
            };
            if (!(value >= 0) || value >= 1e15)
                return "?";
            if (value < 99.95)
                return tenths(value);
            if (value < 9999.5)
                return std::to_string(static_cast<std::int64_t>(value + 0.5));
            return value < 999.95e3   ? tenths(value / 1e3) + "k"
                   : value < 999.95e6 ? tenths(value / 1e6) + "M"
                                      : tenths(value / 1e9) + "G";
        }

        // Columns that UTF-8 text takes, if all its characters have one.
        inline std::size_t columns(std::string_view text)
        {
            return static_cast<std::size_t>(
                std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
        }

        inline std::string first_columns(std::string_view text, std::size_t count)
        {
            std::size_t end = 0;
            for (std::size_t column = 0; end < text.size(); ++end)
                if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && column++ == count)
                    break;
            return std::string{text.substr(0, end)};
        }

        inline std::string bar_text(double done, std::size_t width, bool unicode)
        {
            constexpr std::array<const char*, 8> eighths{"",       "\u258f", "\u258e", "\u258d",
                                                         "\u258c", "\u258b", "\u258a", "\u2589"};
            const auto filled = static_cast<std::size_t>(done * static_cast<double>(width) * 8);
            const std::size_t full = filled / 8;
            std::string bar = unicode ? "" : "[";
            for (std::size_t i = 0; i < full; ++i)
                bar += unicode ? "\u2588" : "#";
            const bool part = full < width && filled % 8 != 0 && unicode;
            bar += part ? eighths[filled % 8] : "";
            // The rest is drawn too, so that the end is seen.
            for (std::size_t i = full + part; i < width; ++i)
                bar += unicode ? "\u00b7" : " ";
            return bar + (unicode ? "" : "]");
        }
    }

    /// Shows how far work has come: one line redrawn at most ten times a second, or a few plain lines when piped.
    class progress_bar
    {
    public:
        /// A bar from 0 to `total` items, drawn for what `out` can show.
        progress_bar(std::ostream& out, std::string title, std::size_t total)
            : progress_bar{out, std::move(title), total, terminal_of(out)}
        {
        }

        /// The same, drawn for a given kind of terminal.
        progress_bar(std::ostream& out, std::string title, std::size_t total, terminal on)
            : out_{&out}, title_{std::move(title)}, total_{total}, on_{on}, start_{clock::now()}
        {
        }

        progress_bar(const progress_bar&) = delete;
        progress_bar& operator=(const progress_bar&) = delete;

        /// Leaves the cursor on a line of its own, even if work ended with an exception.
        ~progress_bar()
        {
            if (drawn_ && !finished_)
                *out_ << std::endl;
        }

        /// Says that `done` items are done, with a note such as "loss 0.41".
        void update(std::size_t done, std::string_view note = {})
        {
            if (finished_)
                return;
            done_ = done;
            const auto now = clock::now();
            if (on_.interactive)
            {
                if (drawn_ && now - last_ < std::chrono::milliseconds{100})
                    return;
                last_ = now;
                draw(done, seconds(now), note, false);
            }
            else if (const int quarter = static_cast<int>(part(done) * 4); quarter > quarter_)
            {
                quarter_ = quarter;
                if (quarter < 4)
                    *out_ << title_ << ": " << percent(done) << ", " << speed(done, seconds(now)) << separated(", ", note)
                          << std::endl;
            }
        }

        /// Ends the line with a last note; further updates are ignored.
        void finish(std::string_view note = {})
        {
            if (std::exchange(finished_, true))
                return;
            const double elapsed = seconds(clock::now());
            if (on_.interactive)
                draw(done_, elapsed, note, true);
            else
                *out_ << title_ << ": " << percent(done_) << " in " << detail::clock_text(elapsed) << ", "
                      << speed(done_, elapsed) << separated(", ", note);
            *out_ << std::endl;
        }

    private:
        using clock = std::chrono::steady_clock;

        double seconds(clock::time_point now) const { return std::chrono::duration<double>(now - start_).count(); }

        double part(std::size_t done) const
        {
            return total_ ? std::min(1., static_cast<double>(done) / static_cast<double>(total_)) : 1.;
        }

        std::string percent(std::size_t done) const { return std::to_string(static_cast<int>(part(done) * 100)) + " %"; }

        static std::string speed(std::size_t done, double elapsed)
        {
            return detail::short_number(elapsed > 0 ? static_cast<double>(done) / elapsed : 0) + "/s";
        }

        static std::string separated(std::string_view by, std::string_view note)
        {
            return note.empty() ? "" : std::string{by} + std::string{note};
        }

        void draw(std::size_t done, double elapsed, std::string_view note, bool last)
        {
            drawn_ = true;
            std::string tail = percent(done);
            tail.insert(0, tail.size() < 5 ? 5 - tail.size() : 0, ' ');
            tail += "  " + speed(done, elapsed) + separated("  ", note);
            if (last)
                tail += "  in " + detail::clock_text(elapsed);
            else if (done > 0 && part(done) < 1)
                tail += "  " + detail::clock_text(elapsed * (1 / part(done) - 1)) + " left";
            // The last column stays empty: some terminals wrap when it is written.
            const auto room = static_cast<std::size_t>(std::max(on_.width - 1, 1));
            const std::size_t text = detail::columns(title_) + 1 + 1 + detail::columns(tail) + (on_.unicode ? 0 : 2);
            std::string line = title_ + " ";
            if (text + 4 <= room)
                line += detail::bar_text(part(done), std::min<std::size_t>(room - text, 32), on_.unicode) + " ";
            line += tail;
            *out_ << '\r' << detail::first_columns(line, room) << "\x1b[K" << std::flush;
        }

        std::ostream* out_;
        std::string title_;
        std::size_t total_;
        terminal on_;
        clock::time_point start_;
        clock::time_point last_{};
        std::size_t done_ = 0;
        int quarter_ = 0;
        bool drawn_ = false;
        bool finished_ = false;
    };
}
