// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/atomic_file.hpp>
#include <xgrad/io/bmp.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/io/jpeg.hpp>
#include <xgrad/io/png.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Writes a picture of 1 or 3 channels as the path ends, .png, .jpg, .jpeg or .bmp, completely or not at all; `quality`,
    /// from 1 to 100, is for JPEG.
    inline void write_image(const std::filesystem::path& path, const image<std::uint8_t>& picture, int quality = 95)
    {
        const std::string who = path.string() + ": ";
        if (picture.size() == 0 || picture.channels() == 2 || picture.channels() > 3)
            throw shape_error(who + "a picture has 1 or 3 channels and some pixels, this one is " + picture.shape_text());
        if (picture.width() > 65500 || picture.height() > 65500)
            throw shape_error(who + "a picture has at most 65500 x 65500 pixels, this one is " + picture.shape_text());
        std::string ending = path.extension().string();
        std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        std::vector<std::byte> bytes;
        if (ending == ".png")
            bytes = detail::encode_png(picture, who);
        else if (ending == ".jpg" || ending == ".jpeg")
            bytes = detail::encode_jpeg(picture, quality, who);
        else if (ending == ".bmp")
            bytes = detail::encode_bmp(picture);
        else
            throw file_error(who + "a picture is written as .png, .jpg, .jpeg or .bmp, not as " + in_quotes(ending));
        atomic_file file{path};
        file.write(bytes);
        file.commit();
    }
}
