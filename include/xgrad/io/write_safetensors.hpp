// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/atomic_file.hpp>
#include <xgrad/io/element.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    namespace detail
    {
        struct json_text
        {
            using Ch = char;
            std::string text;
            void Put(char c) { text += c; }
        };

        inline std::string json_string(std::string_view text, const std::filesystem::path& path)
        {
            constexpr std::string_view digits = "0123456789abcdef";
            rapidjson::MemoryStream in{text.data(), text.size()};
            json_text out{"\""};
            while (in.Tell() < text.size())
            {
                const auto byte = static_cast<unsigned char>(in.Peek());
                if (byte < 0x20)
                {
                    out.text += "\\u00";
                    out.text += digits[byte >> 4];
                    out.text += digits[byte & 15];
                    in.Take();
                    continue;
                }
                if (byte == '"' || byte == '\\')
                    out.text += '\\';
                if (!rapidjson::UTF8<>::Validate(in, out))
                    throw file_error(path.string() + ": " + in_quotes(text) + " is not valid UTF-8 and cannot be written");
            }
            return out.text + '"';
        }

        inline void require_writable(std::span<const entry> entries, const std::filesystem::path& path)
        {
            std::set<std::string_view> names;
            for (const entry& each : entries)
            {
                const std::string who = path.string() + ": entry " + in_quotes(each.name) + ": ";
                if (each.name == "__metadata__")
                    throw file_error(who + "this name is reserved by the format");
                if (!names.insert(each.name).second)
                    throw file_error(who + "appears twice");
                const auto expected = bytes_of(each.shape, each.type);
                if (!expected || *expected != each.bytes.size())
                    throw file_error(who + (expected ? std::to_string(*expected) : "more than 2^64") + " bytes by shape " +
                                     shape_text(each.shape) + " and type " + std::string{name_of(each.type)} + ", but " +
                                     std::to_string(each.bytes.size()) + " are given");
            }
        }
    }

    /// Writes a safetensors file, completely or not at all; larger element types come first, so that all are aligned.
    inline void write_safetensors(const std::filesystem::path& path, std::span<const entry> entries,
                                  const std::map<std::string, std::string>& metadata = {})
    {
        detail::require_writable(entries, path);
        std::vector<const entry*> order;
        for (const std::size_t size : {8u, 4u, 2u, 1u})
            for (const entry& each : entries)
                if (size_of(each.type) == size)
                    order.push_back(&each);

        std::string header = "{";
        const auto separate = [&] { header += header.size() > 1 ? "," : ""; };
        if (!metadata.empty())
        {
            header += "\"__metadata__\":{";
            for (bool first = true; const auto& [key, value] : metadata)
            {
                header += first ? "" : ",";
                header += detail::json_string(key, path) + ":" + detail::json_string(value, path);
                first = false;
            }
            header += "}";
        }
        std::size_t offset = 0;
        for (const entry* each : order)
        {
            separate();
            header += detail::json_string(each->name, path) + ":{\"dtype\":\"";
            header += name_of(each->type);
            header += "\",\"shape\":[";
            for (std::size_t i = 0; i < each->shape.size(); ++i)
                header += (i ? "," : "") + std::to_string(each->shape[i]);
            header += "],\"data_offsets\":[" + std::to_string(offset) + ",";
            offset += each->bytes.size();
            header += std::to_string(offset) + "]}";
        }
        header += "}";
        header.append((8 - header.size() % 8) % 8, ' ');
        if (header.size() > longest_safetensors_header)
            throw file_error(path.string() + ": the header would have " + std::to_string(header.size()) +
                             " bytes, more than the allowed " + std::to_string(longest_safetensors_header));

        atomic_file file{path};
        const std::uint64_t length = header.size();
        file.write(std::as_bytes(std::span{&length, 1}));
        file.write(header);
        for (const entry* each : order)
            file.write(each->bytes);
        file.commit();
    }
}
