// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include <zlib.h>

namespace xgrad::inline XGRAD_ABI::data
{
    /// An array of bytes as an IDX file holds it, row by row.
    struct idx_array
    {
        std::vector<std::int64_t> shape;
        std::vector<std::uint8_t> values;
    };

    namespace detail
    {
        // A plain or gzipped file; zlib finds out which.
        class gzip_reader
        {
        public:
            explicit gzip_reader(const std::filesystem::path& path) : path_{path}
            {
                std::error_code failure;
                if (std::filesystem::is_directory(path, failure))
                    refuse("is a folder, not an IDX file");
                errno = 0;
                file_.reset(::gzopen(path.c_str(), "rb"));
                if (!file_)
                    refuse("cannot be opened: " + std::generic_category().message(errno ? errno : ENOMEM));
                ::gzbuffer(file_.get(), 1u << 17);
            }

            // Reads until the buffer is full or the file ends.
            std::size_t read(std::span<std::uint8_t> buffer)
            {
                std::size_t total = 0;
                while (total < buffer.size())
                {
                    const auto room = static_cast<unsigned>(std::min<std::size_t>(buffer.size() - total, 1u << 30));
                    errno = 0;
                    const int got = ::gzread(file_.get(), buffer.data() + total, room);
                    int status = Z_OK;
                    const char* text = ::gzerror(file_.get(), &status);
                    if (status == Z_ERRNO)
                        refuse("cannot be read: " + std::generic_category().message(errno));
                    if (status == Z_BUF_ERROR)
                        refuse("is cut off: its compressed data end too early");
                    if (got < 0 || (status != Z_OK && status != Z_STREAM_END))
                        refuse("cannot be decompressed: " + std::string{text});
                    if (got == 0)
                        break;
                    total += static_cast<std::size_t>(got);
                }
                return total;
            }

            [[noreturn]] void refuse(const std::string& what) const { throw file_error(path_.string() + ": " + what); }

        private:
            struct close
            {
                void operator()(gzFile file) const { ::gzclose(file); }
            };
            std::filesystem::path path_;
            std::unique_ptr<gzFile_s, close> file_;
        };

        inline std::vector<std::int64_t> read_idx_shape(gzip_reader& file)
        {
            std::array<std::uint8_t, 4> magic;
            if (const auto got = file.read(magic); got < 4)
                file.refuse("an IDX file has at least 4 bytes, this one has " + std::to_string(got));
            if (magic[0] != 0 || magic[1] != 0)
                file.refuse("is not an IDX file: it must begin with two zero bytes, but begins with " +
                            std::to_string(magic[0]) + " and " + std::to_string(magic[1]));
            if (magic[2] != 8)
                file.refuse("holds IDX element type " + std::to_string(magic[2]) + ", but unsigned bytes (8) are wanted");
            if (magic[3] == 0)
                file.refuse("has no dimensions");
            std::vector<std::int64_t> shape;
            for (int axis = 0; axis < magic[3]; ++axis)
            {
                std::array<std::uint8_t, 4> extent;
                if (file.read(extent) < 4)
                    file.refuse("is cut off: its header announces " + std::to_string(magic[3]) + " dimensions, but holds " +
                                std::to_string(axis));
                shape.push_back(std::int64_t{extent[0]} << 24 | extent[1] << 16 | extent[2] << 8 | extent[3]);
            }
            return shape;
        }
    }

    /// Reads an IDX file of unsigned bytes, the format of MNIST, plain or gzipped, of at most `largest` values.
    inline idx_array read_idx(const std::filesystem::path& path, std::uint64_t largest = std::uint64_t{1} << 32)
    {
        detail::gzip_reader file{path};
        idx_array array{detail::read_idx_shape(file), {}};
        std::uint64_t size = 1;
        std::string shape;
        for (const std::int64_t extent : array.shape)
        {
            shape += (shape.empty() ? "" : "x") + std::to_string(extent);
            if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(extent), &size))
                size = ~std::uint64_t{0};
        }
        if (size > largest)
            file.refuse("announces " + shape + " values, more than the allowed " + std::to_string(largest));

        // Memory grows with what the file really holds, not with what it announces.
        constexpr std::uint64_t piece = 1u << 20;
        std::uint64_t done = 0;
        while (done < size)
        {
            const auto next = static_cast<std::size_t>(std::min(size, std::max(done + piece, done * 2)));
            array.values.resize(next);
            const std::size_t got = file.read(std::span{array.values}.subspan(static_cast<std::size_t>(done)));
            done += got;
            if (done < next)
                file.refuse("is cut off: it announces " + shape + " = " + std::to_string(size) + " values, but holds " +
                            std::to_string(done));
        }
        std::array<std::uint8_t, 1> beyond;
        if (file.read(beyond) != 0)
            file.refuse("holds more than the " + shape + " = " + std::to_string(size) + " values it announces");
        return array;
    }
}
