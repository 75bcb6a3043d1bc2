// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/image.hpp>
#include <xgrad/meta/error.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // BMP needs no library: uncompressed rows with 1 to 32 bits a pixel, with a palette or masks, upwards or downwards.
        class bmp_reader
        {
        public:
            bmp_reader(std::span<const std::byte> bytes, const std::string& who) : bytes_{bytes}, who_{who} {}

            void read(byte_image& to, const image_options& options)
            {
                read_header();
                const bool down = height_ < 0;
                const std::uint64_t rows = down ? 0 - static_cast<std::uint64_t>(height_) : static_cast<std::uint64_t>(height_);
                const std::uint64_t row_size = (static_cast<std::uint64_t>(width_) * bits_ + 31) / 32 * 4;
                // what must lie in the file bounds what memory is taken
                if (start_ > bytes_.size() || (rows && row_size > (bytes_.size() - start_) / rows))
                    refuse("claims " + std::to_string(width_) + " x " + std::to_string(rows) + " pixels of " +
                           std::to_string(bits_) + " bits, but has only " + std::to_string(bytes_.size()) + " bytes");
                begin_image(to, static_cast<std::uint64_t>(width_), rows, options, who_);
                std::vector<std::uint8_t> row(3 * to.width());
                for (std::size_t y = 0; y < to.height(); ++y)
                {
                    read_row(start_ + static_cast<std::size_t>(row_size) * (down ? y : to.height() - 1 - y), row);
                    put_row(to, y, row.data());
                }
            }

        private:
            [[noreturn]] void refuse(const std::string& what) const { throw file_error(who_ + "as a BMP picture: " + what); }

            std::uint32_t number(std::size_t at, std::size_t size = 4) const
            {
                if (at > bytes_.size() || bytes_.size() - at < size)
                    refuse("is cut off at byte " + std::to_string(bytes_.size()));
                std::uint32_t value = 0;
                std::memcpy(&value, bytes_.data() + at, size);
                return value;
            }

            void read_header()
            {
                const std::size_t header = number(14);
                if (header != 12 && (header < 40 || header > 124))
                    refuse("has a header of " + std::to_string(header) + " bytes, but 12 and 40 to 124 are known");
                start_ = number(10);
                const bool old = header == 12;
                width_ = static_cast<std::int32_t>(old ? number(18, 2) : number(18));
                height_ = static_cast<std::int32_t>(old ? number(20, 2) : number(22));
                bits_ = number(old ? 24 : 28, 2);
                const std::uint32_t packing = old ? 0 : number(30);
                if (width_ < 0)
                    refuse("has the width " + std::to_string(width_));
                if (packing != 0 && packing != 3 && packing != 6)
                    refuse("is compressed by method " + std::to_string(packing) + ", which is not known");
                if (bits_ != 1 && bits_ != 4 && bits_ != 8 && bits_ != 16 && bits_ != 24 && bits_ != 32)
                    refuse("has " + std::to_string(bits_) + " bits a pixel, but 1, 4, 8, 16, 24 and 32 are known");
                if (packing != 0 && bits_ != 16 && bits_ != 32)
                    refuse("has masks for " + std::to_string(bits_) + " bits a pixel, but 16 or 32 need them");
                masks_ = bits_ == 16 ? std::array{0x7c00u, 0x3e0u, 0x1fu} : std::array{0xff0000u, 0xff00u, 0xffu};
                if (packing != 0)
                    masks_ = {number(54), number(58), number(62)};
                if (bits_ <= 8)
                {
                    const std::uint32_t used = old ? 0 : number(46), most = 1u << bits_;
                    if (used > most)
                        refuse("has " + std::to_string(used) + " colours for " + std::to_string(bits_) + " bits a pixel");
                    for (std::uint32_t i = 0; i < (used ? used : most); ++i)
                        palette_.push_back(number(14 + header + i * (old ? 3 : 4), 3));
                }
            }

            // read() saw that the file holds the whole row.
            void read_row(std::size_t at, std::span<std::uint8_t> row) const
            {
                const auto* from = reinterpret_cast<const std::uint8_t*>(bytes_.data()) + at;
                for (std::size_t x = 0; x < row.size() / 3; ++x)
                {
                    std::uint8_t* const to = row.data() + 3 * x;
                    if (bits_ == 24)
                        for (std::size_t c = 0; c < 3; ++c)
                            to[c] = from[3 * x + 2 - c];
                    else if (bits_ <= 8)
                    {
                        const std::uint32_t pixel =
                            palette_at(from[x * bits_ / 8] >> (8 - bits_ - x * bits_ % 8) & ((1u << bits_) - 1));
                        for (std::size_t c = 0; c < 3; ++c)
                            to[c] = static_cast<std::uint8_t>(pixel >> (16 - 8 * c));
                    }
                    else
                    {
                        std::uint32_t pixel = 0;
                        std::memcpy(&pixel, from + x * (bits_ / 8), bits_ / 8);
                        for (std::size_t c = 0; c < 3; ++c)
                            to[c] = part(pixel, masks_[c]);
                    }
                }
            }

            std::uint32_t palette_at(std::uint32_t index) const
            {
                if (index >= palette_.size())
                    refuse("wants colour " + std::to_string(index) + " of " + std::to_string(palette_.size()));
                return palette_[index];
            }

            // The bits under a mask, stretched to 0 to 255.
            static std::uint8_t part(std::uint32_t pixel, std::uint32_t mask)
            {
                if (mask == 0)
                    return 0;
                const int shift = std::countr_zero(mask);
                const std::uint64_t most = mask >> shift, value = (pixel & mask) >> shift;
                return static_cast<std::uint8_t>(value * 255 / most); // PIL rounds down
            }

            std::span<const std::byte> bytes_;
            const std::string& who_;
            std::int64_t width_ = 0, height_ = 0;
            std::uint32_t bits_ = 0;
            std::size_t start_ = 0;
            std::array<std::uint32_t, 3> masks_{};
            std::vector<std::uint32_t> palette_;
        };

        // 24 bits a pixel, rows upwards.
        inline std::vector<std::byte> encode_bmp(const byte_image& from)
        {
            const std::size_t row_size = (from.width() * 3 + 3) / 4 * 4, size = row_size * from.height();
            std::vector<std::byte> result(54 + size);
            const auto put = [&](std::size_t at, std::size_t value, std::size_t bytes)
            { std::memcpy(result.data() + at, &value, bytes); };
            put(0, 0x4d42, 2);
            put(2, result.size(), 4);
            put(10, 54, 4);
            put(14, 40, 4);
            put(18, from.width(), 4);
            put(22, from.height(), 4);
            put(26, 1, 2);
            put(28, 24, 2);
            put(34, size, 4);
            for (std::size_t y = 0; y < from.height(); ++y)
                for (std::size_t x = 0; x < from.width(); ++x)
                    for (std::size_t c = 0; c < 3; ++c)
                        result[54 + (from.height() - 1 - y) * row_size + 3 * x + 2 - c] =
                            static_cast<std::byte>(from(from.channels() == 1 ? 0 : c, y, x));
            return result;
        }
    }
}
