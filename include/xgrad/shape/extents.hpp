// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/shape.hpp>

#include <type_traits>
#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    /// A shape in the type, every extent fixed: `extents<784, 256>`; `extents<>` is a scalar.
    template <std::ptrdiff_t... Extents>
    struct extents
    {
        static_assert(sizeof...(Extents) <= shape::max_rank, "xgrad::extents: a tensor has at most 6 axes");
        static_assert(((Extents >= 0) && ...), "xgrad::extents: an extent cannot be negative");
        static constexpr shape value{{static_cast<std::int32_t>(Extents)...}, sizeof...(Extents), false};
    };

    /// A shape in the type whose leading extent is a bound: `at_most<64, 784>` is 1 to 64 rows of 784.
    template <std::ptrdiff_t Bound, std::ptrdiff_t... Extents>
    struct at_most
    {
        static_assert(sizeof...(Extents) < shape::max_rank, "xgrad::at_most: a tensor has at most 6 axes");
        static_assert(Bound > 0, "xgrad::at_most: the bound of a batch must be at least 1");
        static constexpr shape value{
            {static_cast<std::int32_t>(Bound), static_cast<std::int32_t>(Extents)...}, 1 + sizeof...(Extents), true};
    };

    /// A shape known as a value only, inside gradient rules and on tapes.
    struct dynamic
    {
        shape value;
    };

    template <class>
    inline constexpr bool is_static_shape = false;
    template <std::ptrdiff_t... Extents>
    inline constexpr bool is_static_shape<extents<Extents...>> = true;
    template <std::ptrdiff_t... Extents>
    inline constexpr bool is_static_shape<at_most<Extents...>> = true;

    /// A shape that stands in the type.
    template <class Shape>
    concept static_shape = is_static_shape<Shape>;

    namespace detail
    {
        // spelled out: GCC 12 crashes on a pack expansion of a parameter of class type
        template <int Rank, bool Bounded, std::ptrdiff_t A, std::ptrdiff_t B, std::ptrdiff_t C, std::ptrdiff_t D,
                  std::ptrdiff_t E, std::ptrdiff_t F>
        constexpr auto type_of_shape()
        {
            if constexpr (Rank == 0)
                return extents<>{};
            else if constexpr (Rank == 1)
                return std::conditional_t<Bounded, at_most<A>, extents<A>>{};
            else if constexpr (Rank == 2)
                return std::conditional_t<Bounded, at_most<A, B>, extents<A, B>>{};
            else if constexpr (Rank == 3)
                return std::conditional_t<Bounded, at_most<A, B, C>, extents<A, B, C>>{};
            else if constexpr (Rank == 4)
                return std::conditional_t<Bounded, at_most<A, B, C, D>, extents<A, B, C, D>>{};
            else if constexpr (Rank == 5)
                return std::conditional_t<Bounded, at_most<A, B, C, D, E>, extents<A, B, C, D, E>>{};
            else
                return std::conditional_t<Bounded, at_most<A, B, C, D, E, F>, extents<A, B, C, D, E, F>>{};
        }
    }

    /// The type that stands for a shape value.
    template <shape Value>
    struct shape_type_of
    {
        using type = decltype(detail::type_of_shape<Value.rank, Value.bounded, Value.extent[0], Value.extent[1],
                                                    Value.extent[2], Value.extent[3], Value.extent[4], Value.extent[5]>());
    };
    template <shape Value>
    using shape_type = typename shape_type_of<Value>::type;
}
