// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace xgrad::inline XGRAD_ABI::io
{
    /// What an output stream can show.
    struct terminal
    {
        /// Whether somebody watches: lines can be redrawn and coloured.
        bool interactive = false;
        /// Whether characters beyond ASCII are shown.
        bool unicode = false;
        /// Whether all 24 bits of a colour are shown, and not just 256 colours.
        bool true_color = false;
        /// The columns of a line.
        int width = 80;
    };

    namespace detail
    {
        inline std::string_view environment(const char* name)
        {
            const char* value = std::getenv(name);
            return value ? value : "";
        }

        // The environment decides, not the program's locale: few programs call setlocale.
        inline bool locale_is_utf8()
        {
            for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
                if (const auto value = environment(name); !value.empty())
                    return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos ||
                           value.find("utf-8") != value.npos;
            return false;
        }
    }

    /// What the stream can show: much if it is std::cout, std::cerr or std::clog on a terminal, else plain text.
    inline terminal terminal_of(const std::ostream& out)
    {
        const int file = &out == &std::cout ? STDOUT_FILENO : &out == &std::cerr || &out == &std::clog ? STDERR_FILENO : -1;
        terminal found;
        found.unicode = detail::locale_is_utf8();
        if (file < 0 || !::isatty(file) || detail::environment("TERM") == "dumb")
            return found;
        found.interactive = true;
        const auto colors = detail::environment("COLORTERM");
        found.true_color = colors == "truecolor" || colors == "24bit";
        winsize size{};
        if (::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            found.width = size.ws_col;
        return found;
    }
}
