// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/copy_to.hpp>
#include <xgrad/io/inflate.hpp>
#include <xgrad/io/mapped_file.hpp>
#include <xgrad/io/npy_header.hpp>
#include <xgrad/io/write_npz.hpp>
#include <xgrad/io/zip_directory.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// A .npz file as numpy.savez and savez_compressed write it, mapped into memory; every flaw is refused with file_error.
    /// Opening it reads no more than the header of each array, so a small file that claims to be large costs nothing.
    class npz_file
    {
    public:
        /// Opens a file and checks its directory and its headers.
        explicit npz_file(const std::filesystem::path& path) : npz_file{mapped_file{path}, path.string()} {}

        /// Checks bytes that the caller keeps alive, named `name` in messages.
        static npz_file parse(std::span<const std::byte> bytes, std::string name) { return npz_file{bytes, std::move(name)}; }

        /// Names (without ".npy"), types and shapes in the order of the archive. `bytes` are empty unless the numbers lie in
        /// the file row by row and uncompressed; read() serves all.
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
            throw file_error(printable(name_, 4096) + ": there is no entry " + in_quotes(name));
        }

        /// Reads an entry to its end, and keeps nothing, to see whether it is whole: length and checksum.
        void check(const entry& each) const
        {
            const place& where = places_[position(each)];
            const std::string who = whose(each.name);
            if (!where.file.deflated)
                return check_stored(where, who);
            std::vector<std::byte> buffer(piece);
            detail::inflater data{where.file.bytes, who};
            for (std::uint64_t left = where.file.size; left > 0;)
            {
                const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece));
                require_all(data.fill(std::span{buffer}.first(room)), room, who);
                left -= room;
            }
            data.finish(where.file.checksum);
        }

        /// Copies the numbers of an entry, row by row, as copy_to does; messages name the file. Damage to a compressed entry
        /// shows only on the way: check() first where `to` must not change.
        template <stored_number T>
        void read(std::string_view name, std::span<T> to) const
        {
            const entry& each = at(name);
            const place& where = places_[position(each)];
            if (to.size() != where.count)
                detail::refuse_copy(each, name_,
                                    "holds " + std::to_string(where.count) + " numbers, shape " + shape_text(each.shape) +
                                        ", but " + std::to_string(to.size()) + " are wanted");
            if (!where.by_columns)
                return read_as_stored(each, where, to);
            const auto columns = std::make_unique<T[]>(to.size());
            read_as_stored(each, where, std::span{columns.get(), to.size()});
            detail::copy_columns(columns.get(), to, each.shape);
        }

        /// The path, or the name given to parse().
        const std::string& name() const { return name_; }

    private:
        static constexpr std::size_t piece = 65536;

        struct place
        {
            zip_entry file;
            std::size_t header_size;
            std::uint64_t count;
            bool by_columns;
        };

        npz_file(mapped_file mapping, std::string name) : npz_file{mapping.bytes(), std::move(name)}
        {
            mapping_ = std::move(mapping);
        }

        npz_file(std::span<const std::byte> bytes, std::string name) : name_{std::move(name)}
        {
            const std::string who = printable(name_, 4096) + ": ";
            for (zip_entry& file : detail::zip_directory{bytes, who}.read())
                add(std::move(file));
        }

        void add(zip_entry file)
        {
            if (!file.name.ends_with(".npy"))
                throw file_error(whose(file.name) + "its name must end with .npy");
            const std::string name = file.name.substr(0, file.name.size() - 4), who = whose(name);
            std::vector<std::byte> start;
            std::span<const std::byte> beginning = file.bytes;
            if (file.deflated)
            {
                start.resize(static_cast<std::size_t>(std::min<std::uint64_t>(file.size, longest_npy_header + 12)));
                require_all(detail::inflater{file.bytes, who}.fill(start), start.size(), who);
                beginning = start;
            }
            npy_header header = read_npy_header(beginning, who);
            if (file.size - header.size != header.bytes)
                throw file_error(who + std::to_string(header.bytes) + " bytes by shape " + shape_text(header.shape) +
                                 " and type " + std::string{name_of(header.type)} + ", but " +
                                 std::to_string(file.size - header.size) + " follow the header");
            entry each{name, header.type, std::move(header.shape), {}};
            if (!file.deflated && !header.by_columns)
                each.bytes = file.bytes.subspan(header.size);
            index_.emplace(name, entries_.size());
            entries_.push_back(std::move(each));
            places_.push_back({std::move(file), header.size, header.bytes / size_of(header.type), header.by_columns});
        }

        std::string whose(std::string_view name) const { return printable(name_, 4096) + ": entry " + in_quotes(name) + ": "; }

        std::size_t position(const entry& each) const { return static_cast<std::size_t>(&each - entries_.data()); }

        static void require_all(std::size_t got, std::size_t wanted, const std::string& who)
        {
            if (got != wanted)
                throw file_error(who + "holds less than it claims");
        }

        static void check_stored(const place& where, const std::string& who)
        {
            const auto& bytes = where.file.bytes;
            const uLong found = ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
            detail::inflater::require_checksum(static_cast<std::uint32_t>(found), where.file.checksum, who);
        }

        template <class T>
        void read_as_stored(const entry& each, const place& where, std::span<T> to) const
        {
            const std::string who = whose(each.name);
            if (!where.file.deflated)
            {
                check_stored(where, who);
                return copy_to({each.name, each.type, each.shape, where.file.bytes.subspan(where.header_size)}, to, name_);
            }
            std::vector<std::byte> buffer(std::max(piece, where.header_size));
            detail::inflater data{where.file.bytes, who};
            require_all(data.fill(std::span{buffer}.first(where.header_size)), where.header_size, who);
            while (!to.empty())
            {
                const std::size_t count = std::min(to.size(), piece / size_of(each.type));
                const auto part = std::span{buffer}.first(count * size_of(each.type));
                require_all(data.fill(part), part.size(), who);
                copy_to({each.name, each.type, {}, part}, to.first(count), name_);
                to = to.subspan(count);
            }
            data.finish(where.file.checksum);
        }

        mapped_file mapping_;
        std::string name_;
        std::vector<entry> entries_;
        std::vector<place> places_;
        std::map<std::string, std::size_t, std::less<>> index_;
    };
}
