// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// One file in a zip archive; `bytes` are as they lie in the archive.
    struct zip_entry
    {
        std::string name;
        bool deflated;
        std::uint32_t checksum;
        /// Bytes once inflated, as the archive claims.
        std::uint64_t size;
        std::span<const std::byte> bytes;
    };

    namespace detail
    {
        // Reads and checks the central directory of a zip archive, zip64 included. What lies in the archive is told only by
        // the directory; it must agree with what stands before each file, and files must not overlap.
        class zip_directory
        {
        public:
            zip_directory(std::span<const std::byte> archive, const std::string& who) : archive_{archive}, who_{who} {}

            std::vector<zip_entry> read()
            {
                find_end();
                if (start_ > end_ || size_ != end_ - start_)
                    refuse("the directory of the archive claims bytes " + std::to_string(start_) + " to " +
                           std::to_string(start_) + " + " + std::to_string(size_) + ", but it must end at byte " +
                           std::to_string(end_));
                if (count_ > size_ / 46)
                    refuse("the directory claims " + std::to_string(count_) + " files, more than its " + std::to_string(size_) +
                           " bytes can name");
                std::vector<zip_entry> entries;
                std::vector<extent> extents;
                std::set<std::string_view> names;
                std::uint64_t at = start_;
                entries.reserve(static_cast<std::size_t>(count_));
                for (std::uint64_t i = 0; i < count_; ++i)
                    at = read_entry(at, entries, extents);
                if (at != end_)
                    refuse("the directory ends at byte " + std::to_string(at) + ", but should end at " + std::to_string(end_));
                for (const zip_entry& entry : entries)
                    if (!names.insert(entry.name).second)
                        refuse("entry " + in_quotes(entry.name) + " appears twice");
                std::ranges::sort(extents, {}, &extent::begin);
                for (std::size_t i = 1; i < extents.size(); ++i)
                    if (extents[i].begin < extents[i - 1].end)
                        refuse("entries " + in_quotes(entries[extents[i - 1].entry].name) + " and " +
                               in_quotes(entries[extents[i].entry].name) + " overlap");
                return entries;
            }

        private:
            struct extent
            {
                std::uint64_t begin, end;
                std::size_t entry;
            };
            static constexpr std::uint64_t unknown32 = 0xffffffffu;

            [[noreturn]] void refuse(const std::string& what) const { throw file_error(who_ + what); }

            std::uint64_t number(std::uint64_t at, std::size_t bytes) const
            {
                if (at > archive_.size() || archive_.size() - at < bytes)
                    refuse("is cut off: byte " + std::to_string(at) + " is wanted, but there are " +
                           std::to_string(archive_.size()));
                std::uint64_t value = 0;
                std::memcpy(&value, archive_.data() + at, bytes);
                return value;
            }

            void find_end()
            {
                constexpr std::size_t shortest = 22, longest_comment = 65535;
                if (archive_.size() < shortest || number(0, 2) != 0x4b50)
                    refuse("is not a zip archive: it must begin with PK and have at least 22 bytes");
                const std::size_t last = archive_.size() - shortest;
                std::size_t at = last;
                while (number(at, 4) != 0x06054b50 || number(at + 20, 2) != last - at)
                    if (at-- == 0 || last - at > longest_comment)
                        refuse("has no directory at its end; is the file complete?");
                if (number(at + 4, 2) != number(at + 6, 2))
                    refuse("is a part of a divided archive");
                count_ = number(at + 10, 2);
                size_ = number(at + 12, 4);
                start_ = number(at + 16, 4);
                end_ = at;
                if (count_ != 0xffff && size_ != unknown32 && start_ != unknown32)
                    return;
                if (at < 20 || number(at - 20, 4) != 0x07064b50)
                    return; // so many entries may stand in an old directory too
                const std::uint64_t large = number(at - 20 + 8, 8);
                if (number(large, 4) != 0x06064b50)
                    refuse("has no zip64 directory where its end says");
                count_ = number(large + 32, 8);
                size_ = number(large + 40, 8);
                start_ = number(large + 48, 8);
                end_ = large;
            }

            std::uint64_t read_entry(std::uint64_t at, std::vector<zip_entry>& entries, std::vector<extent>& extents)
            {
                if (number(at, 4) != 0x02014b50)
                    refuse("the directory holds no entry at byte " + std::to_string(at));
                const std::uint64_t flags = number(at + 8, 2), method = number(at + 10, 2);
                const std::uint64_t name_size = number(at + 28, 2), extra_size = number(at + 30, 2);
                const std::uint64_t next = at + 46 + name_size + extra_size + number(at + 32, 2);
                if (next > end_)
                    refuse("the directory is cut off in its entry at byte " + std::to_string(at));
                zip_entry entry{text(at + 46, name_size),
                                method == 8,
                                static_cast<std::uint32_t>(number(at + 16, 4)),
                                number(at + 24, 4),
                                {}};
                const std::string whose = "entry " + in_quotes(entry.name) + ": ";
                std::uint64_t stored = number(at + 20, 4), local = number(at + 42, 4);
                read_extra(at + 46 + name_size, extra_size, {&entry.size, &stored, &local}, whose);
                if (flags & 1)
                    refuse(whose + "is encrypted");
                if (method != 0 && method != 8)
                    refuse(whose + "is compressed by method " + std::to_string(method) +
                           ", but stored (0) or deflated (8) are known");
                if (method == 0 && stored != entry.size)
                    refuse(whose + "is stored in " + std::to_string(stored) + " bytes, but claims " +
                           std::to_string(entry.size));

                if (local > start_ || start_ - local < 30 || number(local, 4) != 0x04034b50)
                    refuse(whose + "does not begin at byte " + std::to_string(local) + ", where the directory says");
                const std::uint64_t data = local + 30 + number(local + 26, 2) + number(local + 28, 2);
                if (number(local + 8, 2) != method || number(local + 26, 2) != name_size ||
                    text(local + 30, name_size) != entry.name)
                    refuse(whose + "what stands before it contradicts the directory");
                if (data > start_ || stored > start_ - data)
                    refuse(whose + std::to_string(stored) + " bytes from byte " + std::to_string(data) +
                           " reach beyond the files' end at byte " + std::to_string(start_));
                entry.bytes = archive_.subspan(static_cast<std::size_t>(data), static_cast<std::size_t>(stored));
                extents.push_back({local, data + stored, entries.size()});
                entries.push_back(std::move(entry));
                return next;
            }

            // In zip64's extra field stand those of the three numbers that do not fit 32 bits.
            void read_extra(std::uint64_t at, std::uint64_t size, std::array<std::uint64_t*, 3> numbers,
                            const std::string& whose)
            {
                const std::uint64_t end = at + size;
                while (end - at >= 4)
                {
                    const std::uint64_t kind = number(at, 2), length = number(at + 2, 2);
                    at += 4;
                    if (length > end - at)
                        refuse(whose + "an extra field is cut off");
                    if (kind == 1)
                        for (std::uint64_t place = at; std::uint64_t* each : numbers)
                            if (*each == unknown32)
                            {
                                if (at + length - place < 8)
                                    refuse(whose + "its zip64 field is too short");
                                *each = number(place, 8);
                                place += 8;
                            }
                    at += length;
                }
            }

            std::string text(std::uint64_t at, std::uint64_t size) const
            {
                if (at > archive_.size() || size > archive_.size() - at)
                    refuse("is cut off in a name");
                return {reinterpret_cast<const char*>(archive_.data() + at), static_cast<std::size_t>(size)};
            }

            std::span<const std::byte> archive_;
            const std::string& who_;
            std::uint64_t count_ = 0, size_ = 0, start_ = 0, end_ = 0;
        };
    }
}
