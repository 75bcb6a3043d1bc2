// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../row.hpp"
#include "../tasks/network.hpp"

#include <xgrad/xgrad.hpp>

#include <xtensor/xadapt.hpp>

#include <algorithm>
#include <array>

namespace bench
{
    /// A view of the batch that xgrad borrows.
    inline auto view_of(const images& batch)
    {
        const auto side = static_cast<std::size_t>(batch.side);
        const std::array<std::size_t, 4> shape{static_cast<std::size_t>(batch.batch), static_cast<std::size_t>(batch.channels),
                                               side, side};
        return xt::adapt(batch.values.data(), batch.values.size(), xt::no_ownership(), shape);
    }
}
