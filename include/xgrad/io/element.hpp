// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::io
{
    /// The types a number in a weight file can have; f16 is IEEE half precision, bf16 the upper half of an f32.
    enum class element
    {
        f64,
        f32,
        f16,
        bf16,
        i64,
        i32,
        i16,
        i8,
        u64,
        u32,
        u16,
        u8,
        boolean
    };

    namespace detail
    {
        struct element_facts
        {
            std::string_view name;
            std::size_t size;
        };

        // In the order of the enumerators.
        inline constexpr std::array<element_facts, 13> element_table{{{"F64", 8},
                                                                      {"F32", 4},
                                                                      {"F16", 2},
                                                                      {"BF16", 2},
                                                                      {"I64", 8},
                                                                      {"I32", 4},
                                                                      {"I16", 2},
                                                                      {"I8", 1},
                                                                      {"U64", 8},
                                                                      {"U32", 4},
                                                                      {"U16", 2},
                                                                      {"U8", 1},
                                                                      {"BOOL", 1}}};
    }

    /// The name safetensors gives an element type: "F32".
    constexpr std::string_view name_of(element type) { return detail::element_table[static_cast<std::size_t>(type)].name; }

    /// The bytes one number of an element type takes.
    constexpr std::size_t size_of(element type) { return detail::element_table[static_cast<std::size_t>(type)].size; }

    /// The element type of a name in a weight file, or nothing if xgrad does not know it.
    constexpr std::optional<element> element_named(std::string_view name)
    {
        for (std::size_t i = 0; i < detail::element_table.size(); ++i)
            if (detail::element_table[i].name == name)
                return static_cast<element>(i);
        return std::nullopt;
    }

    /// Types that have an element type of their own: float, double, bool and the integers of 8 to 64 bits.
    template <class T>
    concept stored_number = std::same_as<T, float> || std::same_as<T, double> ||
                            (std::integral<T> && sizeof(T) <= 8 && std::same_as<T, std::remove_cv_t<T>>);

    /// The element type whose bytes in a file are those of T in memory.
    template <stored_number T>
    constexpr element element_of()
    {
        if constexpr (std::same_as<T, double>)
            return element::f64;
        else if constexpr (std::same_as<T, float>)
            return element::f32;
        else if constexpr (std::same_as<T, bool>)
            return element::boolean;
        else
        {
            constexpr std::array with_sign{element::i8, element::i16, element::i32, element::i64};
            constexpr std::array without_sign{element::u8, element::u16, element::u32, element::u64};
            constexpr std::size_t row = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
            return std::is_signed_v<T> ? with_sign[row] : without_sign[row];
        }
    }
}
