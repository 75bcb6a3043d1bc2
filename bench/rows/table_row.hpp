// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../row.hpp"

#include <xtensor/xadapt.hpp>

#include <array>
#include <optional>

namespace bench
{
    /// A compiled function of a table's values as a contestant.
    template <class Work, class Program>
    contestant table_contestant(const std::shared_ptr<const Work>& work, const std::shared_ptr<Program>& program)
    {
        const std::array<std::size_t, 2> shape{static_cast<std::size_t>(work->rows), static_cast<std::size_t>(work->columns)};
        const auto values = xt::adapt(work->values.data(), work->size(), xt::no_ownership(), shape);
        using output = decltype((*program)(values));
        auto last = std::make_shared<std::optional<output>>();
        return {"xgrad", [work, program, values, last] { last->emplace((*program)(values)); },
                [last] { return std::vector<float>((*last)->begin(), (*last)->end()); }};
    }

    /// A row named name_ROWSxCOLUMNS that reads a table and writes another, with so many operations for each number.
    template <class Work, int Rows, int Columns>
    bool add_table_row(const std::string& name, double flops, maker<Work> ours)
    {
        const double count = double{Rows} * Columns;
        return add_row({.name = name + "_" + std::to_string(Rows) + "x" + std::to_string(Columns),
                        .flops = flops * count,
                        .bytes = 8 * count,
                        .working_set = 8 * count,
                        .tolerance = 1e-5,
                        .contestants = contest<Work>(std::move(ours), [] { return Work(Rows, Columns); })});
    }
}
