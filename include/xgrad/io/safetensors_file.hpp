// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/copy_to.hpp>
#include <xgrad/io/element.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/mapped_file.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/io/safetensors_header.hpp>
#include <xgrad/io/write_safetensors.hpp>
#include <xgrad/meta/error.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// A safetensors file, mapped into memory and checked in full; every flaw is refused with file_error.
    class safetensors_file
    {
    public:
        /// Opens and checks a file.
        explicit safetensors_file(const std::filesystem::path& path) : safetensors_file{mapped_file{path}, path.string()} {}

        /// Checks bytes that the caller keeps alive, named `name` in messages.
        static safetensors_file parse(std::span<const std::byte> bytes, std::string name)
        {
            return safetensors_file{bytes, std::move(name)};
        }

        safetensors_file(safetensors_file&&) = default;
        safetensors_file& operator=(safetensors_file&&) = default;

        /// The entries in the order of the header; their bytes live as long as this object.
        const std::vector<entry>& entries() const { return entries_; }

        /// The entry of that name, or a null pointer.
        const entry* find(std::string_view name) const
        {
            const auto found = index_.find(name);
            return found == index_.end() ? nullptr : &entries_[found->second];
        }

        /// The entry of that name, or a file_error that names the file and what is missing.
        const entry& at(std::string_view name) const
        {
            if (const entry* found = find(name))
                return *found;
            throw file_error(printable(name_) + ": there is no entry " + in_quotes(name));
        }

        /// Copies the numbers of an entry as copy_to does; messages name the file.
        template <stored_number T>
        void read(std::string_view name, std::span<T> to) const
        {
            copy_to(at(name), to, name_);
        }

        /// The free text that its writer left in the file.
        const std::map<std::string, std::string>& metadata() const { return metadata_; }

        /// The path, or the name given to parse().
        const std::string& name() const { return name_; }

    private:
        safetensors_file(mapped_file mapping, std::string name) : safetensors_file{mapping.bytes(), std::move(name)}
        {
            mapping_ = std::move(mapping);
        }

        safetensors_file(std::span<const std::byte> bytes, std::string name) : name_{std::move(name)}
        {
            auto header = detail::read_safetensors_header(name_, bytes);
            entries_ = std::move(header.entries);
            metadata_ = std::move(header.metadata);
            index_ = std::move(header.index);
        }

        mapped_file mapping_;
        std::string name_;
        std::vector<entry> entries_;
        std::map<std::string, std::string> metadata_;
        std::map<std::string, std::size_t, std::less<>> index_;
    };
}
