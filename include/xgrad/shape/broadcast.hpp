// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/error.hpp>
#include <xgrad/shape/extents.hpp>

#include <string>

namespace xgrad::inline XGRAD_ABI
{
    /// "[64, 784]", or "[<=64, 784]" for a bounded batch.
    inline std::string to_string(const shape& s)
    {
        std::string text = "[";
        for (int axis = 0; axis < s.rank; ++axis)
            if (axis == 0 && s.bounded)
                text += s.extent[0] == any_extent ? "any" : "<=" + std::to_string(s.extent[0]);
            else
                text += (axis ? ", " : "") + std::to_string(s.extent[axis]);
        return text + "]";
    }

    /// Whether two shapes agree under NumPy's rule: aligned at the last axis, extents equal or one of them 1.
    constexpr bool broadcastable(const shape& a, const shape& b)
    {
        const int rank = a.rank > b.rank ? a.rank : b.rank;
        for (int back = 1; back <= rank; ++back)
        {
            const int i = a.rank - back, j = b.rank - back;
            if (i < 0 || j < 0)
                continue;
            if (a.extent[i] != b.extent[j] && a.extent[i] != 1 && b.extent[j] != 1)
                return false;
            // a batch of unknown length only meets itself or a single row
            const bool bounded_a = a.bounded && i == 0, bounded_b = b.bounded && j == 0;
            if (bounded_a != bounded_b && (bounded_a ? b.extent[j] : a.extent[i]) != 1)
                return false;
        }
        // a bounded axis must stay the leading one
        return !(a.bounded && a.rank < rank) && !(b.bounded && b.rank < rank);
    }

    /// The common shape of two broadcastable shapes.
    constexpr shape broadcast(const shape& a, const shape& b)
    {
        if (b.rank == 0 || a == b)
            return a;
        if (a.rank == 0)
            return b;
        if (!broadcastable(a, b))
            throw shape_error("broadcasting " + to_string(a) + " with " + to_string(b) +
                              ": aligned at the last axis, extents must be equal or one of them 1");
        shape common;
        common.rank = a.rank > b.rank ? a.rank : b.rank;
        common.bounded = a.bounded || b.bounded;
        for (int back = 1; back <= common.rank; ++back)
        {
            const int i = a.rank - back, j = b.rank - back;
            const auto x = i < 0 ? 1 : a.extent[i], y = j < 0 ? 1 : b.extent[j];
            common.extent[common.rank - back] = x == 1 ? y : x;
        }
        return common;
    }

    /// The common shape of two operands of an elementwise operation; a clash of static shapes is refused here.
    template <class Left, class Right>
    constexpr auto broadcast_shapes(const Left& left, const Right& right)
    {
        if constexpr (static_shape<Left> && static_shape<Right>)
        {
            static_assert(broadcastable(Left::value, Right::value),
                          "xgrad: elementwise operation on tensors whose shapes do not broadcast: aligned at the last "
                          "axis, extents must be equal or one of them 1 (the two shapes are Left and Right above)");
            if constexpr (!broadcastable(Left::value, Right::value))
                return Left{};
            else if constexpr (std::is_same_v<Left, Right> || Right::value.rank == 0)
                return Left{};
            else
                return shape_type<broadcast(Left::value, Right::value)>{};
        }
        else
        {
            return dynamic{broadcast(left.value, right.value)};
        }
    }
}
