// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/extents.hpp>

#include <xtensor/xadapt.hpp>
#include <xtensor/xtensor.hpp>

#include <array>

namespace xgrad::inline XGRAD_ABI
{
    /// xgrad's memory as an xtensor of fixed rank; nothing is copied.
    template <std::size_t Rank, class T>
    auto adapt(T* data, const shape& extents)
    {
        std::array<std::size_t, Rank> sizes{};
        for (std::size_t axis = 0; axis < Rank; ++axis)
            sizes[axis] = static_cast<std::size_t>(extents.extent[axis]);
        return xt::adapt(data, static_cast<std::size_t>(extents.size()), xt::no_ownership(), sizes);
    }

    /// xgrad's memory as an xtensor of the rank that a static shape has.
    template <static_shape Shape, class T>
    auto adapt(T* data)
    {
        return adapt<static_cast<std::size_t>(Shape::value.rank)>(data, Shape::value);
    }
}
