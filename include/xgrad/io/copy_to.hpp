// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>
#include <xgrad/io/element.hpp>
#include <xgrad/io/entry.hpp>
#include <xgrad/io/quoted.hpp>
#include <xgrad/meta/error.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace xgrad::inline XGRAD_ABI::io
{
    /// The float nearest to IEEE half precision bits, which is exact.
    constexpr float float_of_f16(std::uint16_t bits)
    {
        const std::uint32_t sign = (bits & 0x8000u) << 16;
        const std::uint32_t magnitude = bits & 0x7fffu;
        if (magnitude >= 0x7c00u)
            return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
        if (magnitude < 0x0400u)
        {
            const float subnormal = static_cast<float>(magnitude) * 0x1p-24f;
            return sign ? -subnormal : subnormal;
        }
        return std::bit_cast<float>(sign | ((magnitude << 13) + ((127u - 15u) << 23)));
    }

    /// The float of bfloat16 bits, which is exact.
    constexpr float float_of_bf16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

    namespace detail
    {
        template <class Stored, class T, class Convert>
        void copy_each(std::span<const std::byte> bytes, std::span<T> to, Convert convert)
        {
            for (std::size_t i = 0; i < to.size(); ++i)
            {
                Stored value;
                std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
                to[i] = static_cast<T>(convert(value));
            }
        }

        [[noreturn]] inline void refuse_copy(const entry& from, std::string_view file, const std::string& what)
        {
            throw file_error((file.empty() ? "" : printable(file, 4096) + ": ") +
                             (from.name.empty() ? "" : "entry " + in_quotes(from.name) + ": ") + what);
        }
    }

    /// Copies an entry's numbers: any floating type to float or double, integers and bool only to their own type.
    template <stored_number T>
    void copy_to(const entry& from, std::span<T> to, std::string_view file = {})
    {
        const std::string name{name_of(from.type)};
        if (from.bytes.size() / size_of(from.type) != to.size() || from.bytes.size() % size_of(from.type) != 0)
            detail::refuse_copy(from, file,
                                "holds " + std::to_string(from.bytes.size() / size_of(from.type)) + " numbers, shape " +
                                    shape_text(from.shape) + ", but " + std::to_string(to.size()) + " are wanted");
        constexpr auto same = [](auto value) { return value; };
        if constexpr (std::floating_point<T>)
        {
            switch (from.type)
            {
            case element::f64:
                return detail::copy_each<double>(from.bytes, to, same);
            case element::f32:
                return detail::copy_each<float>(from.bytes, to, same);
            case element::f16:
                return detail::copy_each<std::uint16_t>(from.bytes, to, float_of_f16);
            case element::bf16:
                return detail::copy_each<std::uint16_t>(from.bytes, to, float_of_bf16);
            default:
                detail::refuse_copy(from, file, "holds " + name + ", but a floating point type is wanted");
            }
        }
        else if (from.type != element_of<T>())
            detail::refuse_copy(from, file, "holds " + name + ", but " + std::string{name_of(element_of<T>())} + " is wanted");
        else if constexpr (std::same_as<T, bool>)
            // A bool may hold nothing but 0 and 1, whatever the file says.
            detail::copy_each<unsigned char>(from.bytes, to, [](unsigned char byte) { return byte != 0; });
        else
            detail::copy_each<T>(from.bytes, to, same);
    }
}
