// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/bmp.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/io/jpeg.hpp>
#include <xgrad/io/mapped_file.hpp>
#include <xgrad/io/png.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Decodes a PNG, JPEG or BMP picture, told apart by their first bytes, into `to`, whose memory is used again. A picture
    /// that is damaged or cut off is refused with a file_error that begins with `name`.
    inline void decode_image(std::span<const std::byte> bytes, image<std::uint8_t>& to, std::string_view name,
                             const image_options& options = {})
    {
        const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        const std::string who = printable(name, 4096) + ": ";
        if (text.starts_with("\x89PNG\r\n\x1a\n"))
            detail::decode_png(bytes, to, options, who);
        else if (text.starts_with("\xff\xd8\xff"))
            detail::decode_jpeg(bytes, to, options, who);
        else if (text.starts_with("BM"))
            detail::bmp_reader{bytes, who}.read(to, options);
        else if (text.empty())
            throw file_error(who + "is empty");
        else
            throw file_error(who + "is neither a PNG nor a JPEG nor a BMP picture; it begins with " +
                             in_quotes(text.substr(0, 8)));
    }

    /// Reads a PNG, JPEG or BMP picture into `to`, whose memory is used again.
    inline void read_image(const std::filesystem::path& path, image<std::uint8_t>& to, const image_options& options = {})
    {
        const mapped_file file{path};
        decode_image(file.bytes(), to, path.string(), options);
    }

    /// Reads a PNG, JPEG or BMP picture: bytes from 0 to 255, [3, height, width] (or [1, height, width], see image_options).
    inline image<std::uint8_t> read_image(const std::filesystem::path& path, const image_options& options = {})
    {
        image<std::uint8_t> result;
        read_image(path, result, options);
        return result;
    }
}
