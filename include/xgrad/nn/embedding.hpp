// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/gather.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// A table of Width numbers for each of Entries tokens: integers [..] to [.., Width]. Starts normal, N(0, 1).
    template <std::ptrdiff_t Entries, std::ptrdiff_t Width, element_type T = float>
    struct embedding
    {
        parameter<T, extents<Entries, Width>> weight{normal(1)};

        constexpr auto operator()(tensor auto&& tokens) const { return gather(weight, std::forward<decltype(tokens)>(tokens)); }
    };
}
