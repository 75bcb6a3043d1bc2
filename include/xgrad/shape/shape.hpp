// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <cstddef>
#include <cstdint>

namespace xgrad::inline XGRAD_ABI
{
    /// The extents of a tensor as a value, row-major; `bounded` says that the leading one is an upper bound, met at run time.
    struct shape
    {
        static constexpr int max_rank = 6;

        std::int32_t extent[max_rank]{};
        std::int32_t rank = 0;
        bool bounded = false;

        constexpr std::ptrdiff_t operator[](int axis) const { return extent[axis < 0 ? axis + rank : axis]; }

        /// Number of elements (of the largest batch, if bounded).
        constexpr std::ptrdiff_t size() const
        {
            std::ptrdiff_t product = 1;
            for (int axis = 0; axis < rank; ++axis)
                product *= extent[axis];
            return product;
        }

        /// Number of rows: the product of all extents but the last.
        constexpr std::ptrdiff_t rows() const
        {
            std::ptrdiff_t product = 1;
            for (int axis = 0; axis + 1 < rank; ++axis)
                product *= extent[axis];
            return product;
        }

        /// The last extent, 1 for a scalar.
        constexpr std::ptrdiff_t columns() const { return rank == 0 ? 1 : extent[rank - 1]; }

        constexpr void append(std::ptrdiff_t value) { extent[rank++] = static_cast<std::int32_t>(value); }

        friend constexpr bool operator==(const shape& a, const shape& b)
        {
            // extents past the rank are zero; one expression is what the compiler evaluates fastest
            return a.rank == b.rank && a.bounded == b.bounded && a.extent[0] == b.extent[0] && a.extent[1] == b.extent[1] &&
                   a.extent[2] == b.extent[2] && a.extent[3] == b.extent[3] && a.extent[4] == b.extent[4] &&
                   a.extent[5] == b.extent[5];
        }
    };

    /// The bound that stands for none: a batch of any number of rows. A prime, so that no other extent is taken for it.
    inline constexpr std::int32_t any_extent = 65521;

    /// A set of axes, one bit each.
    using axis_set = std::uint32_t;

    /// The axis counted from the front; -1 is the last one.
    constexpr int normal_axis(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

    /// The shape left when `axes` are reduced, kept as extents of 1 if `keep` says so.
    constexpr shape reduced(const shape& from, axis_set axes, bool keep)
    {
        shape to;
        to.bounded = from.bounded && !(axes & 1u);
        for (int axis = 0; axis < from.rank; ++axis)
            if (!(axes >> axis & 1u))
                to.append(from.extent[axis]);
            else if (keep)
                to.append(1);
        return to;
    }

    /// The number of elements that a reduction over `axes` combines into one.
    constexpr std::ptrdiff_t reduced_count(const shape& from, axis_set axes)
    {
        std::ptrdiff_t count = 1;
        for (int axis = 0; axis < from.rank; ++axis)
            if (axes >> axis & 1u)
                count *= from.extent[axis];
        return count;
    }
}
