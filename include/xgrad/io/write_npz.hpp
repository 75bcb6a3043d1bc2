// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/atomic_file.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/npy_header.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // Little-endian numbers, one behind the other.
        class zip_text
        {
        public:
            std::string text;
            zip_text& two(std::uint64_t value) { return add(value, 2); }
            zip_text& four(std::uint64_t value) { return add(value, 4); }
            zip_text& eight(std::uint64_t value) { return add(value, 8); }

        private:
            zip_text& add(std::uint64_t value, int bytes)
            {
                for (int i = 0; i < bytes; ++i)
                    text += static_cast<char>(value >> (8 * i) & 255);
                return *this;
            }
        };

        struct zip_member
        {
            std::string name, header;
            std::uint64_t size, start;
            std::uint32_t checksum;
        };

        // What the local header and the directory say alike; sizes and start in zip64's field if one of them is large.
        inline void put_member(zip_text& to, const zip_member& member, bool in_directory, std::uint64_t large)
        {
            const bool wide = member.size >= large || (in_directory && member.start >= large);
            const std::uint64_t size = wide ? 0xffffffffu : member.size;
            to.four(in_directory ? 0x02014b50 : 0x04034b50);
            if (in_directory)
                to.two(45);
            to.two(wide ? 45 : 20)
                .two(0x800)
                .two(0)
                .two(0)
                .two(0x21)
                .four(member.checksum)
                .four(size)
                .four(size); // UTF-8, 1980
            to.two(member.name.size()).two(!wide ? 0 : in_directory ? 28 : 20);
            if (in_directory)
                to.two(0).two(0).two(0).four(0).four(wide ? 0xffffffffu : member.start);
            to.text += member.name;
            if (wide)
                to.two(1).two(in_directory ? 24 : 16).eight(member.size).eight(member.size);
            if (wide && in_directory)
                to.eight(member.start);
        }

        inline std::string zip_directory_text(std::span<const zip_member> members, std::uint64_t start, std::uint64_t large)
        {
            zip_text to;
            for (const zip_member& member : members)
                put_member(to, member, true, large);
            const std::uint64_t size = to.text.size(), count = members.size();
            const bool wide = start >= large || size >= large || count >= 0xffff;
            if (wide)
            {
                to.four(0x06064b50)
                    .eight(44)
                    .two(45)
                    .two(45)
                    .four(0)
                    .four(0)
                    .eight(count)
                    .eight(count)
                    .eight(size)
                    .eight(start);
                to.four(0x07064b50).four(0).eight(start + size).four(1);
            }
            to.four(0x06054b50).two(0).two(0).two(wide ? 0xffff : count).two(wide ? 0xffff : count);
            to.four(wide ? 0xffffffffu : size).four(wide ? 0xffffffffu : start).two(0);
            return to.text;
        }
    }

    /// Writes a .npz file as numpy.savez does, completely or not at all; names get ".npy" behind them. Files and archives of
    /// `large` bytes and more take the zip64 form, which is needed from 4 GiB on.
    inline void write_npz(const std::filesystem::path& path, std::span<const entry> entries, std::uint64_t large = 0xffffffffu)
    {
        std::set<std::string_view> names;
        std::vector<detail::zip_member> members;
        for (const entry& each : entries)
        {
            const std::string who = path.string() + ": entry " + in_quotes(each.name) + ": ";
            if (!names.insert(each.name).second)
                throw file_error(who + "appears twice");
            if (each.name.size() > 65000)
                throw file_error(who + "its name is too long for a zip archive");
            const auto expected = bytes_of(each.shape, each.type);
            if (!expected || *expected != each.bytes.size())
                throw file_error(who + (expected ? std::to_string(*expected) : "more than 2^64") + " bytes by shape " +
                                 shape_text(each.shape) + " and type " + std::string{name_of(each.type)} + ", but " +
                                 std::to_string(each.bytes.size()) + " are given");
            detail::zip_member member{each.name + ".npy", npy_header_text(each.type, each.shape, who), 0, 0, 0};
            member.size = member.header.size() + each.bytes.size();
            uLong checksum = ::crc32_z(0, reinterpret_cast<const Bytef*>(member.header.data()), member.header.size());
            if (!each.bytes.empty()) // of a null pointer zlib gives the first checksum again
                checksum = ::crc32_z(checksum, reinterpret_cast<const Bytef*>(each.bytes.data()), each.bytes.size());
            member.checksum = static_cast<std::uint32_t>(checksum);
            members.push_back(std::move(member));
        }

        atomic_file file{path};
        std::uint64_t at = 0;
        for (std::size_t i = 0; i < members.size(); ++i)
        {
            members[i].start = at;
            detail::zip_text before;
            detail::put_member(before, members[i], false, large);
            file.write(before.text);
            file.write(members[i].header);
            file.write(entries[i].bytes);
            at += before.text.size() + members[i].size;
        }
        file.write(detail::zip_directory_text(members, at, large));
        file.commit();
    }
}
