// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

namespace bench
{
    /// C = op(A) op(B), row-major, of random numbers: C is rows x columns; a transposed operand lies in memory as its
    /// transpose.
    struct product
    {
        int rows, columns, depth;
        bool transposed_a = false, transposed_b = false;
        numbers a = random_numbers(static_cast<std::size_t>(rows) * depth);
        numbers b = random_numbers(static_cast<std::size_t>(depth) * columns);

        std::size_t size() const { return static_cast<std::size_t>(rows) * columns; }
        int stride_a() const { return transposed_a ? rows : depth; }
        int stride_b() const { return transposed_b ? depth : columns; }
    };
}
