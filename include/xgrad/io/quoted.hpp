// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Text from a file made safe for a message: control characters as \xNN, at most `longest` bytes of it.
    inline std::string printable(std::string_view text, std::size_t longest = 160)
    {
        constexpr std::string_view digits = "0123456789abcdef";
        std::string safe;
        for (const char c : text.substr(0, longest))
        {
            const auto byte = static_cast<unsigned char>(c);
            if (byte >= 0x20 && byte != 0x7f)
                safe += c;
            else
            {
                safe += "\\x";
                safe += digits[byte >> 4];
                safe += digits[byte & 15];
            }
        }
        return text.size() > longest ? safe + "..." : safe;
    }

    /// A name from a file, printable and between double quotes.
    inline std::string in_quotes(std::string_view name) { return '"' + printable(name) + '"'; }

    /// A shape as text: "[28, 28]".
    inline std::string shape_text(std::span<const std::int64_t> shape)
    {
        std::string text = "[";
        for (std::size_t i = 0; i < shape.size(); ++i)
            text += (i ? ", " : "") + std::to_string(shape[i]);
        return text + "]";
    }
}
