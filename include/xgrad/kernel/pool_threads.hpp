// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/pool_window.hpp>
#include <xgrad/kernel/workers.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Calls compute(e, first, room) for planes of a pooling that threads share: the first of them, and a workspace of `elements`;
    /// or for all of them at once.
    template <class T>
    constexpr void share_planes(const call& c, const pool_extents& e, [[maybe_unused]] std::ptrdiff_t elements, auto&& compute)
    {
        if constexpr (with_threads)
            if (const int parts =
                    c.threads ? c.threads->parts(e.planes, 1 + fewest_shared_elements / 4 / (e.in_size() + e.out_size())) : 1;
                parts > 1)
            {
                const std::size_t bytes = (static_cast<std::size_t>(elements) * sizeof(T) + 127) / 64 * 64;
                auto* const rooms = static_cast<std::byte*>(c.threads->reserve(*c.threads, parts, bytes));
                return c.threads->split(e.planes, parts, 1,
                                        [&](int part, std::ptrdiff_t first, std::ptrdiff_t last)
                                        {
                                            pool_extents own = e;
                                            own.planes = last - first;
                                            compute(own, first,
                                                    reinterpret_cast<T*>(rooms + static_cast<std::size_t>(part) * bytes));
                                        });
            }
        compute(e, 0, c.room<T>());
    }
}
