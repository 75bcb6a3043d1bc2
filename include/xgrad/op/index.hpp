// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/error.hpp>
#include <xgrad/op/function.hpp>

#include <string>

namespace xgrad::inline XGRAD_ABI::detail
{
    /// A label or token as an index below `count`; one outside is refused with its place.
    template <class Index>
    constexpr std::ptrdiff_t checked_index(Index value, std::ptrdiff_t at, std::ptrdiff_t count, const char* what)
    {
        const auto index = static_cast<std::ptrdiff_t>(value);
        if (index < 0 || index >= count)
            throw range_error(std::string("xgrad::") + what + " number " + std::to_string(at) + " is " + std::to_string(index) +
                              ", but must be from 0 to " + std::to_string(count - 1));
        return index;
    }
}
