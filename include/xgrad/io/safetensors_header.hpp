// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/element.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        // What RapidJSON's parser calls, event by event: no tree is built, so memory is bounded by the header's length,
        // keys that come twice are seen, and nesting is refused where it begins, before the parser recurses into it.
        class safetensors_header : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, safetensors_header>
        {
        public:
            safetensors_header(std::string_view file, std::span<const std::byte> data) : file_{file}, data_{data} {}

            std::vector<entry> entries;
            std::map<std::string, std::string> metadata;
            std::map<std::string, std::size_t, std::less<>> index;

            bool Null() { return unexpected("null"); }
            bool Bool(bool value) { return unexpected(value ? "true" : "false"); }
            bool Default() { return false; } // numbers come as their text

            bool RawNumber(const char* start, rapidjson::SizeType length, bool)
            {
                const std::string_view text{start, length};
                std::uint64_t value = 0;
                const auto [end, fault] = std::from_chars(start, start + length, value);
                const bool whole = fault == std::errc{} && end == start + length;
                if (place_ == place::shape && whole && value <= std::uint64_t{std::numeric_limits<std::int64_t>::max()})
                {
                    if (entries.back().shape.size() == 64)
                        refuse_entry("has more than 64 dimensions");
                    entries.back().shape.push_back(static_cast<std::int64_t>(value));
                    return true;
                }
                if (place_ != place::offsets || !whole)
                    return unexpected(printable(text));
                if (offset_count_ == 2)
                    refuse_entry("data_offsets must hold two numbers, but hold more");
                offsets_[offset_count_++] = value;
                return true;
            }

            bool String(const char* start, rapidjson::SizeType length, bool)
            {
                const std::string_view text = characters(start, length);
                if (place_ == place::metadata)
                    return metadata.emplace(key_, text).second;
                if (place_ != place::entry || key_ != "dtype")
                    return unexpected("the string " + in_quotes(text));
                const auto type = element_named(text);
                if (!type)
                    refuse_entry("type " + in_quotes(text) + " is unknown, expected F64, F32, F16, BF16, I64 to I8, " +
                                 "U64 to U8 or BOOL");
                entries.back().type = *type;
                return true;
            }

            bool Key(const char* start, rapidjson::SizeType length, bool)
            {
                const std::string_view text = characters(start, length);
                key_ = text;
                if (place_ == place::top)
                {
                    if (!index.emplace(key_, entries.size()).second)
                        refuse("entry " + in_quotes(text) + " appears twice");
                }
                else if (place_ == place::metadata)
                {
                    if (metadata.contains(key_))
                        refuse("metadata " + in_quotes(text) + " appears twice");
                }
                else
                {
                    const auto field = std::find(fields.begin(), fields.end(), text);
                    if (field == fields.end())
                        refuse_entry("unknown field " + in_quotes(text) + ", expected dtype, shape and data_offsets");
                    bool& seen = seen_[static_cast<std::size_t>(field - fields.begin())];
                    if (std::exchange(seen, true))
                        refuse_entry(key_ + " appears twice");
                }
                return true;
            }

            bool StartObject()
            {
                if (place_ == place::outside)
                    place_ = place::top;
                else if (place_ == place::top && key_ == "__metadata__")
                    place_ = place::metadata;
                else if (place_ == place::top)
                {
                    place_ = place::entry;
                    entries.push_back({key_, element::u8, {}, {}});
                    seen_ = {};
                    offsets_ = {};
                    offset_count_ = 0;
                }
                else
                    return unexpected("an object");
                return true;
            }

            bool EndObject(rapidjson::SizeType)
            {
                if (place_ == place::entry)
                    finish_entry();
                place_ = place_ == place::top ? place::outside : place::top;
                return true;
            }

            bool StartArray()
            {
                if (place_ != place::entry || key_ == "dtype")
                    return unexpected("an array");
                place_ = key_ == "shape" ? place::shape : place::offsets;
                return true;
            }

            bool EndArray(rapidjson::SizeType)
            {
                if (place_ == place::offsets && offset_count_ != 2)
                    refuse_entry("data_offsets must hold two numbers, but hold " + std::to_string(offset_count_));
                place_ = place::entry;
                return true;
            }

            void require_full_cover() const
            {
                std::vector<std::size_t> order(entries.size());
                std::iota(order.begin(), order.end(), std::size_t{0});
                std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair{begin_of(i), end_of(i)}; });
                std::size_t end = 0;
                for (std::size_t rank = 0; rank < order.size(); ++rank)
                {
                    const std::size_t begin = begin_of(order[rank]);
                    if (begin != end)
                        refuse("entry " + in_quotes(entries[order[rank]].name) + ": starts at " + std::to_string(begin) +
                               ", but " +
                               (rank ? "entry " + in_quotes(entries[order[rank - 1]].name) + " ends" : "data start") + " at " +
                               std::to_string(end) +
                               (begin < end ? ": they overlap" : ": the bytes between belong to no entry"));
                    end = end_of(order[rank]);
                }
                if (end != data_.size())
                    refuse("the entries cover " + std::to_string(end) + " bytes, but the data area has " +
                           std::to_string(data_.size()));
            }

            [[noreturn]] void refuse(const std::string& what) const { throw file_error(printable(file_) + ": " + what); }

        private:
            enum class place
            {
                outside,
                top,
                metadata,
                entry,
                shape,
                offsets
            };
            static constexpr std::array<std::string_view, 3> fields{"dtype", "shape", "data_offsets"};

            std::size_t begin_of(std::size_t i) const
            {
                return static_cast<std::size_t>(entries[i].bytes.data() - data_.data());
            }
            std::size_t end_of(std::size_t i) const { return begin_of(i) + entries[i].bytes.size(); }

            [[noreturn]] void refuse_entry(const std::string& what) const
            {
                refuse("entry " + in_quotes(entries.back().name) + ": " + what);
            }

            // RapidJSON 1.1 takes the escape \udc00 alone and encodes it, which gives no UTF-8.
            std::string_view characters(const char* start, rapidjson::SizeType length) const
            {
                const std::string_view text{start, length};
                for (std::size_t i = 0; (i = text.find('\xed', i)) != text.npos; ++i)
                    if (static_cast<unsigned char>(text[i + 1]) >= 0xa0)
                        refuse("the header is not valid JSON: the string " + in_quotes(text.substr(0, i)) +
                               " goes on with half of a surrogate pair");
                return text;
            }

            bool unexpected(const std::string& what) const
            {
                switch (place_)
                {
                case place::outside:
                    refuse("the header must be a JSON object, but is " + what);
                case place::top:
                    refuse((key_ == "__metadata__" ? key_ : "entry " + in_quotes(key_)) + ": must be an object, but is " +
                           what);
                case place::metadata:
                    refuse("metadata " + in_quotes(key_) + ": must be a string, but is " + what);
                case place::entry:
                    refuse_entry(key_ + " must be " + (key_ == "dtype" ? "a string" : "an array") + ", but is " + what);
                case place::shape:
                    refuse_entry("shape must hold whole numbers from 0 to 2^63 - 1, but holds " + what);
                case place::offsets:
                    refuse_entry("data_offsets must hold whole numbers from 0 to 2^64 - 1, but hold " + what);
                }
                return false;
            }

            void finish_entry()
            {
                entry& done = entries.back();
                for (std::size_t field = 0; field < fields.size(); ++field)
                    if (!seen_[field])
                        refuse_entry(std::string{fields[field]} + " is missing");
                const auto [begin, end] = offsets_;
                const std::string offsets = "data_offsets [" + std::to_string(begin) + ", " + std::to_string(end) + "]";
                if (begin > end)
                    refuse_entry(offsets + " are reversed");
                if (end > data_.size())
                    refuse_entry(offsets + " reach beyond the data area of " + std::to_string(data_.size()) + " bytes");
                const auto expected = bytes_of(done.shape, done.type);
                const std::string by_shape =
                    "by shape " + shape_text(done.shape) + " and type " + std::string{name_of(done.type)};
                if (!expected)
                    refuse_entry("more than 2^64 bytes " + by_shape);
                if (*expected != end - begin)
                    refuse_entry(std::to_string(*expected) + " bytes " + by_shape + ", but data_offsets span " +
                                 std::to_string(end - begin));
                done.bytes = data_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
            }

            std::string_view file_;
            std::span<const std::byte> data_;
            std::string key_;
            place place_ = place::outside;
            std::array<bool, 3> seen_{};
            std::array<std::uint64_t, 2> offsets_{};
            std::size_t offset_count_ = 0;
        };

        // Reads and checks the header of a whole file's bytes.
        inline safetensors_header read_safetensors_header(std::string_view file, std::span<const std::byte> bytes)
        {
            const safetensors_header at_start{file, {}};
            if (bytes.size() < 8)
                at_start.refuse("a safetensors file has at least 8 bytes, this one has " + std::to_string(bytes.size()));
            std::uint64_t length = 0;
            std::memcpy(&length, bytes.data(), 8);
            if (length > longest_safetensors_header)
                at_start.refuse("the header claims " + std::to_string(length) + " bytes, more than the allowed " +
                                std::to_string(longest_safetensors_header) + "; is it a safetensors file?");
            if (length > bytes.size() - 8)
                at_start.refuse("the header claims " + std::to_string(length) + " bytes, but only " +
                                std::to_string(bytes.size() - 8) + " follow; is the file complete?");
            const std::string_view text{reinterpret_cast<const char*>(bytes.data() + 8), static_cast<std::size_t>(length)};
            // RapidJSON would stop at a NUL.
            if (!text.starts_with('{'))
                at_start.refuse("the header must begin with '{'");
            if (text.find('\0') != text.npos)
                at_start.refuse("the header is not valid JSON: it holds a NUL byte");
            safetensors_header header{file, bytes.subspan(8 + text.size())};
            // Parsing in place needs neither RapidJSON's stack, whose memory it does not check, nor its own conversion
            // of numbers. The NULs end the text, also for who reads on after the first byte of a character.
            std::string copy(text.size() + 16, '\0');
            text.copy(copy.data(), text.size());
            rapidjson::InsituStringStream stream{copy.data()};
            constexpr unsigned flags =
                rapidjson::kParseInsituFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
            if (const auto result = rapidjson::Reader{}.Parse<flags>(stream, header); result.IsError())
                at_start.refuse("the header is not valid JSON: at byte " + std::to_string(result.Offset()) + ": " +
                                rapidjson::GetParseError_En(result.Code()));
            header.index.erase("__metadata__");
            header.require_full_cover();
            return header;
        }
    }
}
