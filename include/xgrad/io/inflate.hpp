// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <zlib.h>

namespace xgrad::inline XGRAD_ABI::io::detail
{
    // Inflates the raw deflate format piece by piece, so that memory is the caller's buffer, whatever the data claim.
    class inflater
    {
    public:
        inflater(std::span<const std::byte> bytes, const std::string& who) : rest_{bytes}, who_{who}
        {
            if (::inflateInit2(&stream_, -MAX_WBITS) != Z_OK)
                throw file_error(who_ + "zlib cannot start: out of memory");
        }
        inflater(const inflater&) = delete;
        inflater& operator=(const inflater&) = delete;
        ~inflater() { ::inflateEnd(&stream_); }

        // Fills the buffer unless the data end; the number of bytes.
        std::size_t fill(std::span<std::byte> to)
        {
            std::size_t total = 0;
            while (total < to.size() && !ended_)
            {
                const auto in = static_cast<uInt>(std::min<std::size_t>(rest_.size(), 1u << 30));
                const auto room = static_cast<uInt>(std::min<std::size_t>(to.size() - total, 1u << 30));
                stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
                stream_.avail_in = in;
                stream_.next_out = reinterpret_cast<Bytef*>(to.data() + total);
                stream_.avail_out = room;
                const int status = ::inflate(&stream_, Z_NO_FLUSH);
                rest_ = rest_.subspan(in - stream_.avail_in);
                total += room - stream_.avail_out;
                ended_ = status == Z_STREAM_END;
                if (status == Z_BUF_ERROR || (status == Z_OK && in == 0 && stream_.avail_out == room))
                    throw file_error(who_ + "its compressed data end too early");
                if (status != Z_OK && !ended_)
                    throw file_error(who_ + "cannot be decompressed: " + (stream_.msg ? stream_.msg : "out of memory"));
            }
            checksum_ = ::crc32_z(checksum_, reinterpret_cast<const Bytef*>(to.data()), total);
            return total;
        }

        // Refuses what goes on, or is not what was compressed.
        void finish(std::uint32_t expected)
        {
            std::byte beyond;
            if (fill({&beyond, 1}) != 0 || !rest_.empty())
                throw file_error(who_ + "holds more than it claims");
            require_checksum(static_cast<std::uint32_t>(checksum_), expected, who_);
        }

        static void require_checksum(std::uint32_t found, std::uint32_t expected, const std::string& who)
        {
            if (found != expected)
                throw file_error(who + "is damaged: its checksum must be " + std::to_string(expected) + ", but is " +
                                 std::to_string(found));
        }

    private:
        z_stream stream_{};
        std::span<const std::byte> rest_;
        const std::string& who_;
        uLong checksum_ = 0;
        bool ended_ = false;
    };
}
