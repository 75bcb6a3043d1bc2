// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/element.hpp>
#include <xgrad/shape/shape.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI
{
    namespace kernel
    {
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
            /// What the numbers of the places that draw are counted from.
            std::int64_t first_stream = 0;
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

        struct workers;

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
            const workers* threads = nullptr;

            /// The workspace; the compiler, which runs definitions, has none.
            template <element_type T>
            constexpr T* room() const
            {
                return std::is_constant_evaluated() ? nullptr : workspace.as<T>();
            }
        };
    }
}
