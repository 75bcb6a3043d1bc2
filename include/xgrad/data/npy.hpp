// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/dataset.hpp>
#include <xgrad/io/npy_file.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    namespace detail
    {
        template <class T>
        std::vector<std::int64_t> integers_as(const io::npy_file& file)
        {
            std::vector<T> values(file.size());
            file.read(std::span{values});
            return {values.begin(), values.end()};
        }

        inline std::vector<std::int64_t> integers_in(const io::npy_file& file)
        {
            switch (file.type())
            {
            case io::element::i32:
                return integers_as<std::int32_t>(file);
            case io::element::i16:
                return integers_as<std::int16_t>(file);
            case io::element::u8:
                return integers_as<std::uint8_t>(file);
            default:
                return integers_as<std::int64_t>(file); // and others are refused there
            }
        }
    }

    /// Reads two .npy files, items of shape [n, ..] (floats of any precision, or T itself) and labels [n] (integers). Classes
    /// without names are called by their numbers.
    template <class T, std::size_t ItemRank>
    labelled_dataset<T, ItemRank> npy(const std::filesystem::path& image_file, const std::filesystem::path& label_file,
                                      std::vector<std::string> classes = {})
    {
        const io::npy_file images{image_file}, labels{label_file};
        if (images.shape().size() != ItemRank + 1)
            throw file_error(images.name() + ": must have " + std::to_string(ItemRank + 1) + " dimensions, but has " +
                             std::to_string(images.shape().size()));
        if (labels.shape().size() != 1 || labels.shape()[0] != images.shape()[0])
            throw file_error(labels.name() + ": must have the shape [" + std::to_string(images.shape()[0]) + "], but has " +
                             io::shape_text(labels.shape()));
        std::array<std::size_t, ItemRank + 1> shape;
        std::ranges::transform(images.shape(), shape.begin(),
                               [](std::int64_t extent) { return static_cast<std::size_t>(extent); });
        labelled_dataset<T, ItemRank> all{xt::xtensor<T, ItemRank + 1>::from_shape(shape),
                                          xt::xtensor<std::int32_t, 1>::from_shape({shape[0]}), std::move(classes)};
        images.read(std::span{all.images.data(), all.images.size()});

        const std::vector<std::int64_t> numbers = detail::integers_in(labels);
        const std::int64_t most =
            all.classes.empty() ? std::numeric_limits<std::int32_t>::max() : static_cast<std::int64_t>(all.classes.size());
        for (std::size_t i = 0; i < numbers.size(); ++i)
        {
            if (numbers[i] < 0 || numbers[i] >= most)
                throw file_error(labels.name() + ": label " + std::to_string(i) + " is " + std::to_string(numbers[i]) +
                                 ", but must be from 0 to " + std::to_string(most - 1));
            all.labels(i) = static_cast<std::int32_t>(numbers[i]);
        }
        if (all.classes.empty() && !numbers.empty())
            for (std::int64_t i = 0; i <= std::min<std::int64_t>(*std::ranges::max_element(numbers), 9999); ++i)
                all.classes.push_back(std::to_string(i));
        return all;
    }
}
