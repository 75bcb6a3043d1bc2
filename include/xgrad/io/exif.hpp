// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::io
{
    /// Which way up a camera was held, from the content of a JPEG's APP1 segment: 1 (upright) to 8, numbered as in Exif 2.3,
    /// section 4.6.4. What is damaged or says nothing is 1.
    inline int exif_orientation(std::span<const std::byte> segment)
    {
        constexpr std::string_view opening{"Exif\0\0", 6};
        const std::string_view text{reinterpret_cast<const char*>(segment.data()), segment.size()};
        if (!text.starts_with(opening))
            return 1;
        const std::string_view tiff = text.substr(opening.size());
        const bool little = tiff.starts_with(std::string_view{"II*\0", 4});
        if (!little && !tiff.starts_with(std::string_view{"MM\0*", 4}))
            return 1;
        // 0 for what lies behind the end
        const auto number = [&](std::size_t at, std::size_t bytes)
        {
            std::size_t value = 0;
            if (at > tiff.size() || tiff.size() - at < bytes)
                return value;
            for (std::size_t k = 0; k < bytes; ++k)
                value = value << 8 | static_cast<unsigned char>(tiff[at + (little ? bytes - 1 - k : k)]);
            return value;
        };
        constexpr std::size_t entry_size = 12, tag = 0x0112, two_bytes = 3;
        const std::size_t directory = number(4, 4), entries = number(directory, 2);
        for (std::size_t k = 0; k < entries; ++k)
        {
            const std::size_t at = directory + 2 + k * entry_size;
            if (number(at, 2) != tag || number(at + 2, 2) != two_bytes || number(at + 4, 4) != 1)
                continue;
            const std::size_t value = number(at + 8, 2);
            return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
        }
        return 1;
    }

    /// Turns and mirrors a picture that was stored with this orientation so that it stands upright: PIL's exif_transpose.
    template <class T>
    void turn_upright(image<T>& picture, int orientation)
    {
        if (orientation <= 1 || orientation > 8)
            return;
        const std::size_t channels = picture.channels(), rows = picture.height(), columns = picture.width();
        const bool turned = orientation > 4; // its rows are columns of the upright picture
        const std::size_t height = turned ? columns : rows, width = turned ? rows : columns;
        const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
        const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
        picture.replace(channels, height, width,
                        [&](const T* old, T* fresh)
                        {
                            for (std::size_t c = 0; c < channels; ++c, old += rows * columns)
                                for (std::size_t y = 0; y < height; ++y)
                                    for (std::size_t x = 0; x < width; ++x)
                                    {
                                        const std::size_t v = from_bottom ? height - 1 - y : y;
                                        const std::size_t u = from_right ? width - 1 - x : x;
                                        *fresh++ = turned ? old[u * columns + v] : old[v * columns + u];
                                    }
                        });
    }
}
