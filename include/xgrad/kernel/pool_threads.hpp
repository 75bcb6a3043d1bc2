// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>
#include <xgrad/kernel/pool_window.hpp>
#include <xgrad/kernel/workers.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    /// Calls compute(e, in, out, room) for planes of a pooling that threads share: where their inputs and outputs begin, and a
    /// workspace of `elements`; or for all of them at once.
    template <class T>
    constexpr void share_planes(const call& c, const pool_extents& e, [[maybe_unused]] std::ptrdiff_t elements, auto&& compute)
    {
        if constexpr (with_threads)
            if (const int parts = c.threads ? c.threads->parts(e.planes, shared_rows(e.in_size() + e.out_size())) : 1;
                parts > 1)
            {
                const shared_parts<T> shared(*c.threads, parts, elements);
                return c.threads->split(e.planes, parts, 1,
                                        [&](int part, std::ptrdiff_t first, std::ptrdiff_t last)
                                        {
                                            pool_extents own = e;
                                            own.planes = last - first;
                                            compute(own, first * e.in_size(), first * e.out_size(), shared.room(part));
                                        });
            }
        compute(e, 0, 0, c.room<T>());
    }
}
