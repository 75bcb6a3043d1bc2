// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/copy_to.hpp>
#include <xgrad/io/mapped_file.hpp>
#include <xgrad/io/npy_header.hpp>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// One array in NumPy's .npy format, mapped into memory and checked; every flaw is refused with file_error.
    class npy_file
    {
    public:
        /// Opens and checks a file.
        explicit npy_file(const std::filesystem::path& path) : npy_file{mapped_file{path}, path.string()} {}

        /// Checks bytes that the caller keeps alive, named `name` in messages.
        static npy_file parse(std::span<const std::byte> bytes, std::string name) { return npy_file{bytes, std::move(name)}; }

        element type() const { return header_.type; }
        const std::vector<std::int64_t>& shape() const { return header_.shape; }
        /// The number of elements.
        std::size_t size() const { return numbers_.size() / size_of(header_.type); }
        /// The path, or the name given to parse().
        const std::string& name() const { return name_; }

        /// Copies all numbers, row by row: any floating type to float or double, integers and bool only to their own type.
        template <stored_number T>
        void read(std::span<T> to) const
        {
            const entry all{"", header_.type, header_.shape, numbers_};
            if (!header_.by_columns)
                return copy_to(all, to, name_);
            const auto columns = std::make_unique<T[]>(to.size());
            copy_to(all, std::span{columns.get(), to.size()}, name_);
            detail::copy_columns(columns.get(), to, header_.shape);
        }

    private:
        npy_file(mapped_file mapping, std::string name) : npy_file{mapping.bytes(), std::move(name)}
        {
            mapping_ = std::move(mapping);
        }

        npy_file(std::span<const std::byte> bytes, std::string name) : name_{std::move(name)}
        {
            const std::string who = printable(name_, 4096) + ": ";
            header_ = read_npy_header(bytes, who);
            numbers_ = bytes.subspan(header_.size);
            if (numbers_.size() != header_.bytes)
                throw file_error(who + std::to_string(header_.bytes) + " bytes by shape " + shape_text(header_.shape) +
                                 " and type " + std::string{name_of(header_.type)} + ", but " +
                                 std::to_string(numbers_.size()) + " follow the header");
        }

        mapped_file mapping_;
        std::string name_;
        npy_header header_;
        std::span<const std::byte> numbers_;
    };
}
