// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/element.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI::io
{
    static_assert(std::endian::native == std::endian::little, "safetensors files are little endian, and so must we be");

    /// One named array of a weight file; its bytes need not be aligned.
    struct entry
    {
        std::string name;
        element type;
        std::vector<std::int64_t> shape;
        std::span<const std::byte> bytes;
    };

    /// The longest header a safetensors file may have, in bytes.
    inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;

    /// The bytes that a shape and a type take, or nothing if an extent is negative or the product overflows.
    inline std::optional<std::uint64_t> bytes_of(std::span<const std::int64_t> shape, element type)
    {
        std::uint64_t product = size_of(type);
        bool empty = false;
        for (const std::int64_t extent : shape)
        {
            if (extent < 0)
                return std::nullopt;
            empty = empty || extent == 0;
            // [0, 2^62, 2^62] is empty too, but whoever multiplies in another order would overflow.
            if (extent != 0 && __builtin_mul_overflow(product, static_cast<std::uint64_t>(extent), &product))
                return std::nullopt;
        }
        return empty ? 0 : product;
    }
}
