// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

namespace bench
{
    /// Random numbers in rows and columns; what is done with them is in the derived type.
    struct table
    {
        int rows, columns;
        numbers values;

        table(int row_count, int column_count)
            : rows(row_count), columns(column_count), values(random_numbers(static_cast<std::size_t>(rows) * columns, 3))
        {
        }
        std::size_t size() const { return values.size(); }
    };

    /// softmax along each row.
    struct softmax : table
    {
        using table::table;
    };

    /// (x - mean) / sqrt(variance + 1e-5) * weight + bias along each row.
    struct layer_norm : table
    {
        using table::table;
        numbers weight = random_numbers(static_cast<std::size_t>(columns));
        numbers bias = random_numbers(static_cast<std::size_t>(columns));
    };

    /// exp of every number.
    struct exponential : table
    {
        using table::table;
    };
}
