// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI
{
    /// Alignment of every buffer: one cache line, one widest register.
    inline constexpr std::size_t alignment = 64;

    /// Element types of tensors.
    enum class element : std::uint8_t
    {
        f32,
        f64,
        i32,
        i64,
        u8,
        boolean
    };

    /// A type that tensors can have as elements.
    template <class T>
    concept element_type = std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
                           std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint8_t> || std::is_same_v<T, bool>;

    /// The value that stands for an element type.
    template <element_type T>
    inline constexpr element element_of = std::is_same_v<T, float>          ? element::f32
                                          : std::is_same_v<T, double>       ? element::f64
                                          : std::is_same_v<T, std::int32_t> ? element::i32
                                          : std::is_same_v<T, std::int64_t> ? element::i64
                                          : std::is_same_v<T, std::uint8_t> ? element::u8
                                                                            : element::boolean;

    /// Bytes of one element.
    constexpr std::size_t size_of(element type)
    {
        constexpr std::array<std::size_t, 6> bytes{4, 8, 4, 8, 1, 1};
        return bytes[static_cast<std::size_t>(type)];
    }

    /// Whether gradients flow through values of this type.
    constexpr bool is_floating(element type) { return type == element::f32 || type == element::f64; }

    /// "float", "double", "int32", "int64", "uint8" or "bool".
    constexpr const char* name_of(element type)
    {
        constexpr std::array<const char*, 6> names{"float", "double", "int32", "int64", "uint8", "bool"};
        return names[static_cast<std::size_t>(type)];
    }

    /// Calls `visit` with a null pointer of the element type.
    constexpr decltype(auto) with_type(element type, auto&& visit)
    {
        switch (type)
        {
        case element::f64:
            return visit(static_cast<double*>(nullptr));
        case element::i32:
            return visit(static_cast<std::int32_t*>(nullptr));
        case element::i64:
            return visit(static_cast<std::int64_t*>(nullptr));
        case element::u8:
            return visit(static_cast<std::uint8_t*>(nullptr));
        case element::boolean:
            return visit(static_cast<bool*>(nullptr));
        default:
            return visit(static_cast<float*>(nullptr));
        }
    }
}
