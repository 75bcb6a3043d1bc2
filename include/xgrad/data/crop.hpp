// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Cuts the window [top, top + height) x [left, left + width) out of a picture. It may lie partly or wholly outside: what
    /// is not of the picture becomes `filling`.
    template <class T>
    void crop(io::image<T>& picture, std::ptrdiff_t top, std::ptrdiff_t left, std::size_t height, std::size_t width,
              T filling = T{})
    {
        const auto rows = static_cast<std::ptrdiff_t>(picture.height()), columns = static_cast<std::ptrdiff_t>(picture.width());
        const auto wanted_width = static_cast<std::ptrdiff_t>(width);
        // of every row wanted: columns [0, first) are filling, [first, last) the picture's, the others filling
        const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>(-left, 0, wanted_width);
        const std::ptrdiff_t last = std::clamp<std::ptrdiff_t>(columns - left, first, wanted_width);
        const std::size_t channels = picture.channels();
        picture.replace(channels, height, width,
                        [&](const T* old, T* fresh)
                        {
                            for (std::size_t c = 0; c < channels; ++c)
                                for (std::size_t y = 0; y < height; ++y, fresh += width)
                                {
                                    const std::ptrdiff_t source = top + static_cast<std::ptrdiff_t>(y);
                                    if (source < 0 || source >= rows)
                                    {
                                        std::fill_n(fresh, width, filling);
                                        continue;
                                    }
                                    const T* row = old + (static_cast<std::ptrdiff_t>(c) * rows + source) * columns;
                                    std::fill_n(fresh, first, filling);
                                    if (last > first)
                                        std::copy(row + left + first, row + left + last, fresh + first);
                                    std::fill(fresh + last, fresh + wanted_width, filling);
                                }
                        });
    }

    /// Cuts out the middle, as torchvision's CenterCrop does; a smaller picture gets zeros around it.
    template <class T>
    void crop_centre(io::image<T>& picture, std::size_t height, std::size_t width)
    {
        // an odd row more goes where Python's round takes it: to the even place
        const auto start = [](std::size_t whole, std::size_t part)
        {
            const auto spare = static_cast<std::ptrdiff_t>(whole) - static_cast<std::ptrdiff_t>(part);
            if (spare < 0)
                return -(-spare / 2);
            return spare / 2 + (spare % 2 && spare / 2 % 2 ? 1 : 0);
        };
        crop(picture, start(picture.height(), height), start(picture.width(), width), height, width);
    }

    /// Puts a margin around a picture.
    template <class T>
    void pad(io::image<T>& picture, std::size_t margin, T filling = T{})
    {
        const auto start = -static_cast<std::ptrdiff_t>(margin);
        crop(picture, start, start, picture.height() + 2 * margin, picture.width() + 2 * margin, filling);
    }

    /// Mirrors a picture: left becomes right.
    template <class T>
    void flip_horizontal(io::image<T>& picture)
    {
        for (std::size_t c = 0; c < picture.channels(); ++c)
            for (std::size_t y = 0; y < picture.height(); ++y)
                std::reverse(picture.row(c, y), picture.row(c, y) + picture.width());
    }

    /// Turns a picture over: above becomes below.
    template <class T>
    void flip_vertical(io::image<T>& picture)
    {
        for (std::size_t c = 0; c < picture.channels(); ++c)
            for (std::size_t y = 0; y < picture.height() / 2; ++y)
                std::swap_ranges(picture.row(c, y), picture.row(c, y) + picture.width(),
                                 picture.row(c, picture.height() - 1 - y));
    }
}
