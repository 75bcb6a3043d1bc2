// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/small.hpp>

namespace xgrad::inline XGRAD_ABI::kernel::small
{
    /// The reduction of `Count` vectors, `step` elements apart, in four chains.
    template <class Reduction, std::ptrdiff_t Width, std::ptrdiff_t Count, class T>
    [[gnu::always_inline]] inline lanes_of<T, Width> reduce_vectors(const T* x, std::ptrdiff_t step)
    {
        using batch = lanes_of<T, Width>;
        constexpr std::ptrdiff_t chains = Count < 4 ? 1 : 4, whole = Count / chains * chains;
        batch part[chains];
#pragma GCC unroll 4
        for (std::ptrdiff_t q = 0; q < chains; ++q)
            part[q] = batch::load_unaligned(x + q * step);
#pragma GCC unroll 2
        for (std::ptrdiff_t k = chains; k < whole; k += chains)
#pragma GCC unroll 4
            for (std::ptrdiff_t q = 0; q < chains; ++q)
                part[q] = Reduction::combine(part[q], batch::load_unaligned(x + (k + q) * step));
        for (std::ptrdiff_t k = whole; k < Count; ++k)
            part[0] = Reduction::combine(part[0], batch::load_unaligned(x + k * step));
        if constexpr (chains == 4)
            part[0] = Reduction::combine(Reduction::combine(part[0], part[1]), Reduction::combine(part[2], part[3]));
        return part[0];
    }

    /// to[j] = the reduction of column j of a matrix of constant extents.
    template <class Reduction, std::ptrdiff_t Rows, std::ptrdiff_t Columns, std::ptrdiff_t Widest, class T>
    [[gnu::always_inline]] inline void reduce_columns(const T* x, T* to)
    {
        constexpr std::ptrdiff_t all = Rows * Columns;
        if constexpr (Columns < Widest && Widest % Columns == 0 && all % Widest == 0)
        {
            // short rows lie in a vector several times
            const auto sums = reduce_vectors<Reduction, Widest, all / Widest>(x, Widest);
            if constexpr (Columns == 1)
                *to = Reduction::across(sums);
            else
            {
                T lanes[Widest];
                sums.store_unaligned(lanes);
                for (std::ptrdiff_t j = 0; j < Columns; ++j)
                {
                    T value = lanes[j];
                    for (std::ptrdiff_t k = j + Columns; k < Widest; k += Columns)
                        value = Reduction::combine(value, lanes[k]);
                    to[j] = value;
                }
            }
        }
        else
            for_vectors<T, Columns, Widest>(
                [&]<std::ptrdiff_t Width, std::ptrdiff_t Used>(std::ptrdiff_t at)
                {
                    if constexpr (Used == Width)
                        reduce_vectors<Reduction, Width, Rows>(x + at, Columns).store_unaligned(to + at);
                    else
                        for (std::ptrdiff_t j = at; j < at + Used; ++j)
                        {
                            T value = x[j];
                            for (std::ptrdiff_t i = 1; i < Rows; ++i)
                                value = Reduction::combine(value, x[i * Columns + j]);
                            to[j] = value;
                        }
                });
    }
}
