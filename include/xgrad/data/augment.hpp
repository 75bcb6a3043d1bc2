// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/crop.hpp>
#include <xgrad/data/random.hpp>
#include <xgrad/data/resize.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Puts a margin around a picture and cuts a window out anywhere: torchvision's RandomCrop.
    template <class T>
    void random_crop(io::image<T>& picture, random_numbers& random, std::size_t height, std::size_t width,
                     std::size_t margin = 0, T filling = T{})
    {
        if (height > picture.height() + 2 * margin || width > picture.width() + 2 * margin)
            throw shape_error("random_crop: a window of " + std::to_string(height) + "x" + std::to_string(width) +
                              " does not fit " + picture.shape_text() + " with a margin of " + std::to_string(margin));
        const auto anywhere = [&](std::size_t whole, std::size_t part)
        {
            const auto places = static_cast<std::uint32_t>(whole + 2 * margin - part + 1);
            return static_cast<std::ptrdiff_t>(random.below(places)) - static_cast<std::ptrdiff_t>(margin);
        };
        const std::ptrdiff_t top = anywhere(picture.height(), height);
        crop(picture, top, anywhere(picture.width(), width), height, width, filling);
    }

    /// Mirrors a picture with this probability: torchvision's RandomHorizontalFlip.
    template <class T>
    void random_flip(io::image<T>& picture, random_numbers& random, double probability = 0.5)
    {
        if (random.chance(probability))
            flip_horizontal(picture);
    }

    /// How random_resized_crop chooses its window: the share of the picture's area, and width / height.
    struct window_range
    {
        double smallest = 0.08, largest = 1;
        double narrowest = 3. / 4, widest = 4. / 3;
    };

    /// Cuts out a window of random area and proportions and resizes it, antialiased: torchvision's RandomResizedCrop, which
    /// tries ten times and then takes the middle.
    template <pixel T>
    void random_resized_crop(io::image<T>& picture, random_numbers& random, std::size_t height, std::size_t width,
                             const window_range& range = {})
    {
        const auto rows = static_cast<double>(picture.height()), columns = static_cast<double>(picture.width());
        std::size_t part_height = 0, part_width = 0;
        for (int attempt = 0; attempt < 10 && part_height == 0; ++attempt)
        {
            const double area = rows * columns * random.between(range.smallest, range.largest);
            const double ratio = std::exp(random.between(std::log(range.narrowest), std::log(range.widest)));
            const double h = std::round(std::sqrt(area / ratio)), w = std::round(std::sqrt(area * ratio));
            if (h >= 1 && h <= rows && w >= 1 && w <= columns)
            {
                part_height = static_cast<std::size_t>(h);
                part_width = static_cast<std::size_t>(w);
            }
        }
        if (part_height == 0)
        {
            const double ratio = std::clamp(columns / rows, range.narrowest, range.widest);
            part_height = static_cast<std::size_t>(std::max(1., std::min(rows, std::round(columns / ratio))));
            part_width = static_cast<std::size_t>(std::max(1., std::min(columns, std::round(rows * ratio))));
            crop_centre(picture, part_height, part_width);
        }
        else
            random_crop(picture, random, part_height, part_width);
        resize_antialiased(picture, height, width);
    }

    /// With this probability, fills a window of random area and proportions anywhere in the picture: torchvision's
    /// RandomErasing (Zhong et al. 2017), which tries ten times; with `{0.25, 0.25, 1, 1}` a square as in DeVries and Taylor 2017.
    template <class T>
    void random_erase(io::image<T>& picture, random_numbers& random, double probability = 0.5,
                      const window_range& range = {0.02, 1. / 3, 0.3, 3.3}, T filling = T{})
    {
        if (!random.chance(probability))
            return;
        const auto rows = static_cast<double>(picture.height()), columns = static_cast<double>(picture.width());
        for (int attempt = 0; attempt < 10; ++attempt)
        {
            const double area = rows * columns * random.between(range.smallest, range.largest);
            const double ratio = std::exp(random.between(std::log(range.narrowest), std::log(range.widest)));
            const auto height = static_cast<std::size_t>(std::round(std::sqrt(area / ratio)));
            const auto width = static_cast<std::size_t>(std::round(std::sqrt(area * ratio)));
            if (height >= picture.height() || width >= picture.width())
                continue;
            const std::size_t top = random.below(static_cast<std::uint32_t>(picture.height() - height + 1));
            const std::size_t left = random.below(static_cast<std::uint32_t>(picture.width() - width + 1));
            for (std::size_t c = 0; c < picture.channels(); ++c)
                for (std::size_t y = top; y < top + height; ++y)
                    std::fill_n(picture.row(c, y) + left, width, filling);
            return;
        }
    }
}
