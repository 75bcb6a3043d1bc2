// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/element.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    /// What the beginning of NumPy's .npy format says.
    struct npy_header
    {
        element type = element::f32;
        std::vector<std::int64_t> shape;
        /// Whether the numbers lie column by column ("Fortran order").
        bool by_columns = false;
        /// Where the numbers begin.
        std::size_t size = 0;
        /// Bytes of all numbers.
        std::uint64_t bytes = 0;
    };

    /// The longest .npy header that is read, in bytes; NumPy's own have about 128.
    inline constexpr std::size_t longest_npy_header = 65536;

    namespace detail
    {
        // NumPy's names in the order of the element types; it has none for bf16.
        inline constexpr std::array<std::string_view, 13> npy_types{"<f8", "<f4", "<f2", "",    "<i8", "<i4", "<i2",
                                                                    "|i1", "<u8", "<u4", "<u2", "|u1", "|b1"};

        // Reads the header's Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
        class npy_dictionary
        {
        public:
            npy_dictionary(std::string_view text, const std::string& who) : rest_{text}, who_{who} {}

            npy_header parse()
            {
                npy_header header;
                std::array<bool, 3> seen{};
                require("{");
                while (!accept("}"))
                {
                    const std::string_view key = string();
                    const std::size_t field = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
                    if (field == 3)
                        refuse("has an unknown field " + in_quotes(key) + ", expected descr, fortran_order and shape");
                    if (std::exchange(seen[field], true))
                        refuse(std::string{key} + " appears twice");
                    require(":");
                    if (field == 0)
                        header.type = type();
                    else if (field == 1)
                        header.by_columns = truth();
                    else
                        header.shape = shape();
                    if (!accept(","))
                    {
                        require("}");
                        break;
                    }
                }
                for (std::size_t field = 0; field < 3; ++field)
                    if (!seen[field])
                        refuse("lacks " + std::string{std::array{"descr", "fortran_order", "shape"}[field]});
                skip();
                if (!rest_.empty())
                    refuse("goes on after the dictionary with " + in_quotes(rest_.substr(0, 20)));
                return header;
            }

        private:
            [[noreturn]] void refuse(const std::string& what) const { throw file_error(who_ + "the .npy header " + what); }

            void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size())); }

            bool accept(std::string_view token)
            {
                skip();
                if (!rest_.starts_with(token))
                    return false;
                rest_.remove_prefix(token.size());
                return true;
            }

            void require(std::string_view token)
            {
                if (!accept(token))
                    refuse("must go on with " + std::string{token} + ", but goes on with " + in_quotes(rest_.substr(0, 20)));
            }

            std::string_view string()
            {
                skip();
                const char quote = rest_.empty() ? '\0' : rest_.front();
                const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : rest_.npos;
                if (end == rest_.npos)
                    refuse("must go on with a string, but goes on with " + in_quotes(rest_.substr(0, 20)));
                const std::string_view text = rest_.substr(1, end - 1);
                rest_.remove_prefix(end + 1);
                return text;
            }

            element type()
            {
                skip();
                if (rest_.starts_with('['))
                    refuse("describes records, but an array of numbers is wanted");
                const std::string_view name = string();
                for (std::size_t i = 0; i < npy_types.size(); ++i)
                    if (!name.empty() && name == npy_types[i])
                        return static_cast<element>(i);
                refuse("says type " + in_quotes(name) + ", expected little-endian floats of 2 to 8 bytes, integers or bools" +
                       (name.starts_with("|O") ? " (these are Python objects)" : ""));
            }

            bool truth()
            {
                if (accept("True"))
                    return true;
                if (!accept("False"))
                    refuse("must say fortran_order True or False, but goes on with " + in_quotes(rest_.substr(0, 20)));
                return false;
            }

            std::vector<std::int64_t> shape()
            {
                std::vector<std::int64_t> extents;
                require("(");
                while (!accept(")"))
                {
                    skip();
                    std::int64_t extent = -1;
                    const auto [end, fault] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
                    if (fault != std::errc{} || extent < 0)
                        refuse("must have whole numbers as shape, but goes on with " + in_quotes(rest_.substr(0, 20)));
                    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
                    extents.push_back(extent);
                    if (extents.size() > 64)
                        refuse("has more than 64 dimensions");
                    if (!accept(","))
                    {
                        require(")");
                        break;
                    }
                }
                return extents;
            }

            std::string_view rest_;
            const std::string& who_;
        };
    }

    /// Reads a .npy header from the first bytes of an array; `who` begins the message of a file_error.
    inline npy_header read_npy_header(std::span<const std::byte> bytes, const std::string& who)
    {
        const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
        const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(text[at])); };
        if (!text.starts_with("\x93NUMPY"))
            throw file_error(who + "is not a .npy array: it must begin with \\x93NUMPY");
        if (text.size() < 10 || (byte(6) > 1 && text.size() < 12))
            throw file_error(who + "is cut off in its .npy header");
        if (byte(6) < 1 || byte(6) > 3)
            throw file_error(who + "has .npy version " + std::to_string(byte(6)) + ", but 1 to 3 are known");
        const std::size_t start = byte(6) == 1 ? 10 : 12;
        const std::size_t length =
            byte(6) == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
        if (length > longest_npy_header)
            throw file_error(who + "the .npy header claims " + std::to_string(length) + " bytes, more than the allowed " +
                             std::to_string(longest_npy_header));
        if (length > text.size() - start)
            throw file_error(who + "the .npy header claims " + std::to_string(length) + " bytes, but only " +
                             std::to_string(text.size() - start) + " follow");
        npy_header header = detail::npy_dictionary{text.substr(start, length), who}.parse();
        header.size = start + length;
        const auto size = bytes_of(header.shape, header.type);
        if (!size)
            throw file_error(who + "more than 2^64 bytes by shape " + shape_text(header.shape));
        header.bytes = *size;
        return header;
    }

    /// The .npy header of a type and a shape, version 1.0; its length is a multiple of 64, as NumPy has it.
    inline std::string npy_header_text(element type, std::span<const std::int64_t> shape, const std::string& who)
    {
        const std::string_view name = detail::npy_types[static_cast<std::size_t>(type)];
        if (name.empty())
            throw file_error(who + "NumPy has no type for " + std::string{name_of(type)});
        std::string text = "{'descr': '" + std::string{name} + "', 'fortran_order': False, 'shape': (";
        for (const std::int64_t extent : shape)
            text += std::to_string(extent) + ",";
        text += "), }";
        text.append(63 - (10 + text.size()) % 64, ' ');
        text += '\n';
        return {std::string{"\x93NUMPY\x01\0", 8} + static_cast<char>(text.size() & 255) + static_cast<char>(text.size() >> 8) +
                text};
    }

    namespace detail
    {
        // From the order of the columns to that of the rows; both hold the product of `shape`.
        template <class T>
        void copy_columns(const T* from, std::span<T> to, std::span<const std::int64_t> shape)
        {
            std::vector<std::int64_t> index(shape.size(), 0);
            for (T& value : to)
            {
                std::size_t place = 0;
                for (std::size_t axis = shape.size(); axis-- > 0;)
                    place = place * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(index[axis]);
                value = from[place];
                for (std::size_t axis = shape.size(); axis-- > 0 && ++index[axis] == shape[axis];)
                    index[axis] = 0;
            }
        }
    }
}
