// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/io/read_image.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Pictures in folders, a folder for each class: `photos/cat/1.jpg`. Classes and files are in the order of their names, as
    /// torchvision's ImageFolder has them, deeper folders included. A picture is decoded only when it is read.
    class image_folder
    {
    public:
        /// A picture's file and the number of its class.
        struct file
        {
            std::filesystem::path path;
            std::int32_t label;
        };

        /// Finds the files that end in .png, .jpg, .jpeg or .bmp; `options` say how they are decoded.
        explicit image_folder(const std::filesystem::path& folder, const io::image_options& options = {}) : options_{options}
        {
            std::error_code failure;
            std::vector<std::filesystem::path> folders;
            for (std::filesystem::directory_iterator each{folder, failure}, end; !failure && each != end;
                 each.increment(failure))
                if (each->is_directory(failure) && !failure)
                    folders.push_back(each->path());
            if (failure)
                throw file_error(folder.string() + ": cannot be read as a folder: " + failure.message());
            std::ranges::sort(folders);
            for (const auto& each : folders)
                add_class(each);
            if (files.empty())
                throw file_error(folder.string() +
                                 ": holds no folder for each class with .png, .jpg, .jpeg or .bmp files in it");
        }

        /// The files; erase some to leave them out.
        std::vector<file> files;
        /// The names of the folders.
        std::vector<std::string> classes;

        using item_type = io::image<std::uint8_t>;

        /// The number of pictures.
        std::size_t size() const { return files.size(); }
        /// The path of a picture.
        std::string name(std::size_t index) const { return files[index].path.string(); }

        /// Decodes a picture, for a loader; its class.
        std::int32_t read(std::size_t index, item_type& item) const
        {
            io::read_image(files[index].path, item, options_);
            return files[index].label;
        }

    private:
        void add_class(const std::filesystem::path& folder)
        {
            const auto label = static_cast<std::int32_t>(classes.size());
            const std::size_t before = files.size();
            std::error_code failure;
            for (std::filesystem::recursive_directory_iterator each{folder, failure}, end; !failure && each != end;
                 each.increment(failure))
                if (is_picture(each->path()) && !each->is_directory(failure))
                    files.push_back({each->path(), label});
            if (failure)
                throw file_error(folder.string() + ": cannot be read as a folder: " + failure.message());
            if (files.size() == before)
                throw file_error(folder.string() + ": the folder of a class holds no .png, .jpg, .jpeg or .bmp file");
            std::ranges::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end(), {}, &file::path);
            classes.push_back(folder.filename().string());
        }

        static bool is_picture(const std::filesystem::path& path)
        {
            std::string ending = path.extension().string();
            std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            constexpr std::array<std::string_view, 4> known{".png", ".jpg", ".jpeg", ".bmp"};
            return std::ranges::find(known, ending) != known.end();
        }

        io::image_options options_;
    };
}
