// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/dataset.hpp>
#include <xgrad/data/idx.hpp>
#include <xgrad/data/split.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Reads images and labels of the MNIST format: floats from 0 to 1, of shape [n, 784] (ItemRank 1), [n, 28, 28] (2)
    /// or [n, 1, 28, 28] (3).
    template <std::size_t ItemRank = 1>
    labelled_dataset<float, ItemRank> mnist(const std::filesystem::path& image_file, const std::filesystem::path& label_file,
                                            std::vector<std::string> classes = {"0", "1", "2", "3", "4", "5", "6", "7", "8",
                                                                                "9"})
    {
        static_assert(ItemRank >= 1 && ItemRank <= 3, "an image is a row, a picture or a picture with one channel");
        const idx_array images = read_idx(image_file);
        const idx_array labels = read_idx(label_file);
        if (images.shape.size() != 3)
            throw file_error(image_file.string() + ": images have 3 dimensions, these have " +
                             std::to_string(images.shape.size()));
        if (labels.shape.size() != 1)
            throw file_error(label_file.string() + ": labels have 1 dimension, these have " +
                             std::to_string(labels.shape.size()));
        if (images.shape[0] != labels.shape[0])
            throw file_error(image_file.string() + ": holds " + std::to_string(images.shape[0]) + " images, but " +
                             label_file.string() + " holds " + std::to_string(labels.shape[0]) + " labels");
        const auto wrong = std::ranges::find_if(labels.values, [&](auto label) { return label >= classes.size(); });
        if (wrong != labels.values.end())
            throw file_error(label_file.string() + ": label " + std::to_string(wrong - labels.values.begin()) + " is " +
                             std::to_string(*wrong) + ", but there are " + std::to_string(classes.size()) + " classes");

        const auto count = static_cast<std::size_t>(images.shape[0]);
        const auto height = static_cast<std::size_t>(images.shape[1]);
        const auto width = static_cast<std::size_t>(images.shape[2]);
        std::array<std::size_t, ItemRank + 1> shape;
        shape.fill(1);
        shape[0] = count;
        shape[ItemRank] = ItemRank == 1 ? height * width : width;
        if constexpr (ItemRank > 1)
            shape[ItemRank - 1] = height;
        labelled_dataset<float, ItemRank> all{xt::xtensor<float, ItemRank + 1>::from_shape(shape),
                                              xt::xtensor<std::int32_t, 1>::from_shape({count}), std::move(classes)};
        std::ranges::transform(images.values, all.images.data(), [](auto grey) { return static_cast<float>(grey) / 255.f; });
        std::ranges::copy(labels.values, all.labels.data());
        return all;
    }

    namespace detail
    {
        inline std::filesystem::path fashion_mnist_file(const std::filesystem::path& folder, const std::string& name)
        {
            std::error_code failure;
            for (const char* ending : {".gz", ""})
                if (auto file = folder / (name + ending); std::filesystem::exists(file, failure))
                    return file;
            throw file_error("Fashion-MNIST: there is no " + name + ".gz and no " + name + " in the folder " + folder.string() +
                             "; install Debian's package dataset-fashion-mnist, " +
                             "or name a folder as an argument or in the variable XGRAD_FASHION_MNIST");
        }
    }

    /// Fashion-MNIST from a folder: the one given, else the variable XGRAD_FASHION_MNIST, else where Debian puts it.
    template <std::size_t ItemRank = 1>
    labelled_dataset<float, ItemRank> fashion_mnist(split part, std::filesystem::path folder = {})
    {
        const char* variable = std::getenv("XGRAD_FASHION_MNIST");
        if (folder.empty())
            folder = variable && *variable ? variable : "/usr/share/datasets/fashion-mnist";
        const std::string name = part == split::train ? "train" : "t10k";
        const auto images = detail::fashion_mnist_file(folder, name + "-images-idx3-ubyte");
        const auto labels = detail::fashion_mnist_file(folder, name + "-labels-idx1-ubyte");
        return mnist<ItemRank>(
            images, labels,
            {"T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"});
    }
}
