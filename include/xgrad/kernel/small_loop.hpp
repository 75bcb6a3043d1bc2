// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/small.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::small
{
    /// How an operand lies under a result of rows and columns.
    enum class lie
    {
        whole,  // element for element
        one,    // one element for all
        row,    // one row for all rows
        column, // one element for each row
        other
    };

    constexpr lie lies(const shape& operand, const shape& result)
    {
        const std::ptrdiff_t size = operand.size();
        if (size == 1)
            return lie::one;
        int leading = 0; // axes of extent 1 in front
        while (leading < operand.rank && operand.extent[leading] == 1)
            ++leading;
        bool suffix = operand.rank - leading <= result.rank;
        for (int axis = operand.rank - 1; suffix && axis >= leading; --axis)
            suffix = operand.extent[axis] == result[axis - operand.rank];
        if (suffix && size == result.size())
            return lie::whole;
        if (suffix && size == result.columns())
            return lie::row;
        if (operand.rank == result.rank && operand.columns() == 1 && size == result.rows())
        {
            for (int axis = 0; axis + 1 < result.rank; ++axis)
                if (operand.extent[axis] != result.extent[axis])
                    return lie::other;
            return lie::column;
        }
        return lie::other;
    }

    /// One operand, read along rows of `Columns` elements. Rows shorter than a vector lie in it several times.
    template <class T, lie How, std::ptrdiff_t Columns>
    struct reader
    {
        const T* data;

        template <std::ptrdiff_t Width, std::ptrdiff_t Used>
        [[gnu::always_inline]] computed_lanes<T, Width> load(std::ptrdiff_t row, std::ptrdiff_t column) const
        {
            if constexpr (How == lie::whole)
                return widen<Width>(small::load<Width, Used>(data + row * Columns + column));
            else if constexpr (How == lie::one)
                return computed_lanes<T, Width>(*data);
            else if constexpr (How == lie::row)
                return widen<Width>(small::load<Width, Used>(data + column));
            else
                return computed_lanes<T, Width>(data[row]);
        }
        template <std::ptrdiff_t Width>
        [[gnu::always_inline]] computed_lanes<T, Width> load_flat(std::ptrdiff_t at) const
        {
            if constexpr (How == lie::whole)
                return widen<Width>(lanes_of<T, Width>::load_unaligned(data + at));
            else if constexpr (How == lie::one)
                return computed_lanes<T, Width>(*data);
            else
            {
                T part[Width];
#pragma GCC unroll 16
                for (std::ptrdiff_t k = 0; k < Width; ++k)
                    part[k] = How == lie::row ? data[k % Columns] : data[at / Columns + k / Columns];
                return widen<Width>(lanes_of<T, Width>::load_unaligned(part));
            }
        }
    };

    /// out = Function(in...), all of one floating-point type, for extents that are constants; each operand lies as `How` says,
    /// and a vector has at most `Widest` lanes.
    template <class Function, class T, std::ptrdiff_t Rows, std::ptrdiff_t Columns, std::ptrdiff_t Widest, lie... How>
    struct loop
    {
        static constexpr bool simple = ((How == lie::whole || How == lie::one) && ...);
        static constexpr bool packed = !simple && Columns < Widest && Widest % Columns == 0 && Rows * Columns % Widest == 0;

        template <class... Pointer>
        [[gnu::always_inline]] static void run(T* to, Pointer... in)
        {
            if constexpr (packed)
                for_vectors<T, Rows * Columns, Widest>(
                    [&]<std::ptrdiff_t Width, std::ptrdiff_t Used>(std::ptrdiff_t at) __attribute__((always_inline))
                    {
                        store<Width, Used>(
                            narrow<Width>(Function{}(reader<T, How, Columns>{in}.template load_flat<Width>(at)...)), to + at);
                    });
            else
            {
                constexpr std::ptrdiff_t columns = simple ? Rows * Columns : Columns, rows = simple ? 1 : Rows;
                for (std::ptrdiff_t row = 0; row < rows; ++row)
                    for_vectors<T, columns, Widest>(
                        [&]<std::ptrdiff_t Width, std::ptrdiff_t Used>(std::ptrdiff_t at) __attribute__((always_inline))
                        {
                            store<Width, Used>(
                                narrow<Width>(Function{}(reader<T, How, columns>{in}.template load<Width, Used>(row, at)...)),
                                to + row * columns + at);
                        });
            }
        }
    };
}
