// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>

#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    /// Layers one behind the other, each given what the one before returns; what is not named fuses across them. Parameters
    /// are named by number, as in PyTorch: `features.0.weight`.
    template <class... Layers>
    struct sequential;

    template <>
    struct sequential<>
    {
        using sequence_parts = std::tuple<>;
        constexpr auto operator()(tensor auto&& x) const { return to_expression(std::forward<decltype(x)>(x)); }
    };
    template <class Last>
    struct sequential<Last>
    {
        using sequence_parts = std::tuple<Last>;
        Last first;
        constexpr auto operator()(tensor auto&& x) const { return first(std::forward<decltype(x)>(x)); }
    };
    template <class First, class... Rest>
    struct sequential<First, Rest...>
    {
        using sequence_parts = std::tuple<First, Rest...>;
        First first;
        sequential<Rest...> rest;
        constexpr auto operator()(tensor auto&& x) const { return rest(first(std::forward<decltype(x)>(x))); }
    };
}
