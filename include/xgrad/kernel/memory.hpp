// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI
{
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
    concept element_type =
        std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
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
        case element::f64: return visit(static_cast<double*>(nullptr));
        case element::i32: return visit(static_cast<std::int32_t*>(nullptr));
        case element::i64: return visit(static_cast<std::int64_t*>(nullptr));
        case element::u8: return visit(static_cast<std::uint8_t*>(nullptr));
        case element::boolean: return visit(static_cast<bool*>(nullptr));
        default: return visit(static_cast<float*>(nullptr));
        }
    }

    namespace kernel
    {
        /// Alignment of every planned buffer: one cache line, one widest register.
        inline constexpr std::size_t alignment = 64;

        /// A pointer to elements of a type known later; unlike `void*` it can be read in a constant expression.
        class address
        {
        public:
            constexpr address() : f32_(nullptr) {}
            constexpr explicit address(float* p) : f32_(p) {}
            constexpr explicit address(double* p) : f64_(p) {}
            constexpr explicit address(std::int32_t* p) : i32_(p) {}
            constexpr explicit address(std::int64_t* p) : i64_(p) {}
            constexpr explicit address(std::uint8_t* p) : u8_(p) {}
            constexpr explicit address(bool* p) : boolean_(p) {}
            explicit address(std::byte* p) : u8_(reinterpret_cast<std::uint8_t*>(p)) {}

            template <element_type T>
            constexpr T* as() const
            {
                if constexpr (std::is_same_v<T, float>)
                    return f32_;
                else if constexpr (std::is_same_v<T, double>)
                    return f64_;
                else if constexpr (std::is_same_v<T, std::int32_t>)
                    return i32_;
                else if constexpr (std::is_same_v<T, std::int64_t>)
                    return i64_;
                else if constexpr (std::is_same_v<T, std::uint8_t>)
                    return u8_;
                else
                    return boolean_;
            }

        private:
            // At run time one member is written and another read: GCC and Clang define that as a reinterpretation.
            union
            {
                float* f32_;
                double* f64_;
                std::int32_t* i32_;
                std::int64_t* i64_;
                std::uint8_t* u8_;
                bool* boolean_;
            };
        };

        /// A tensor that a kernel reads or writes: contiguous, row-major, with the extents of this run.
        struct tensor_ref
        {
            address data;
            shape extents;
        };

        /// Key and step of the counter-based random numbers of a run.
        struct random_state
        {
            std::uint64_t seed = 0;
            std::uint64_t step = 0;
        };

        /// Whole numbers that belong to a kernel's call: axes, flags, offsets.
        struct attributes
        {
            std::int64_t value[2]{};

            friend constexpr bool operator==(const attributes& a, const attributes& b)
            {
                return a.value[0] == b.value[0] && a.value[1] == b.value[1];
            }
        };

        /// Everything one kernel needs for one run.
        struct call
        {
            const tensor_ref* in = nullptr;
            int count = 0;
            tensor_ref out;
            attributes with;
            address workspace;
            const random_state* random = nullptr;
            std::int32_t rows = 1;
            std::int32_t bound = 1;
        };
    }
}
