// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/data/dataset.hpp>
#include <xgrad/data/split.hpp>
#include <xgrad/io/mapped_file.hpp>
#include <xgrad/meta/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Reads files of CIFAR's binary format, one behind the other: for each picture `label_bytes` bytes, of which the last is
    /// its class, and 3x32x32 bytes in planes of red, green and blue.
    inline labelled_dataset<std::uint8_t, 3> cifar_binary(const std::vector<std::filesystem::path>& files,
                                                          std::vector<std::string> classes, std::size_t label_bytes = 1)
    {
        constexpr std::size_t pixels = 3 * 32 * 32;
        const std::size_t record = label_bytes + pixels;
        std::vector<io::mapped_file> opened;
        std::size_t count = 0;
        for (const auto& path : files)
        {
            const std::size_t size = opened.emplace_back(path).bytes().size();
            if (size == 0 || size % record != 0)
                throw file_error(path.string() + ": must hold whole records of " + std::to_string(record) + " bytes, but has " +
                                 std::to_string(size) + " bytes");
            count += size / record;
        }
        labelled_dataset<std::uint8_t, 3> all{xt::xtensor<std::uint8_t, 4>::from_shape({count, 3, 32, 32}),
                                              xt::xtensor<std::int32_t, 1>::from_shape({count}), std::move(classes)};
        std::size_t at = 0;
        for (std::size_t i = 0; i < files.size(); ++i)
            for (auto rest = opened[i].bytes(); !rest.empty(); rest = rest.subspan(record), ++at)
            {
                const auto label = std::to_integer<std::size_t>(rest[label_bytes - 1]);
                if (label >= all.classes.size())
                    throw file_error(files[i].string() + ": the label of record " +
                                     std::to_string((opened[i].bytes().size() - rest.size()) / record) + " is " +
                                     std::to_string(label) + ", but there are " + std::to_string(all.classes.size()) +
                                     " classes");
                all.labels(at) = static_cast<std::int32_t>(label);
                std::memcpy(all.images.data() + at * pixels, rest.data() + label_bytes, pixels);
            }
        return all;
    }

    /// CIFAR-10 from a folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin.
    inline labelled_dataset<std::uint8_t, 3> cifar10(split part, const std::filesystem::path& folder)
    {
        std::vector<std::filesystem::path> files{folder / "test_batch.bin"};
        if (part == split::train)
        {
            files.clear();
            for (const char number : std::string_view{"12345"})
                files.push_back(folder / (std::string{"data_batch_"} + number + ".bin"));
        }
        return cifar_binary(files, {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"});
    }

    /// CIFAR-100 from a folder with train.bin, test.bin and fine_label_names.txt.
    inline labelled_dataset<std::uint8_t, 3> cifar100(split part, const std::filesystem::path& folder)
    {
        std::vector<std::string> classes;
        std::ifstream names{folder / "fine_label_names.txt"};
        for (std::string line; std::getline(names, line) && classes.size() < 256;)
            if (!line.empty())
                classes.push_back(line);
        if (classes.empty())
            throw file_error((folder / "fine_label_names.txt").string() +
                             ": there are no names of classes in it, or no such file");
        return cifar_binary({folder / (part == split::train ? "train.bin" : "test.bin")}, std::move(classes), 2);
    }
}
