// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <type_traits>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-template-friend"
#endif

namespace xgrad::inline XGRAD_ABI
{
    // A list that the compiler made is plain data: its entries point to functions whose template arguments are lost. A friend
    // function, declared by the key and defined where key and type are both known, leads back to them.

    template <auto Key>
    struct type_key
    {
        friend constexpr auto type_behind(type_key);
    };

    /// Instantiated, it has `type_of_key<Key>` be T.
    template <auto Key, class T>
    struct remember_type
    {
        friend constexpr auto type_behind(type_key<Key>) { return std::type_identity<T>{}; }
        static constexpr auto key = Key;
    };

    /// The type that was remembered for a constant.
    template <auto Key>
    using type_of_key = typename decltype(type_behind(type_key<Key>{}))::type;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
