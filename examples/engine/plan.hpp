// SPDX-License-Identifier: BSD-3-Clause
// The core of xgrad on numbers instead of tensors: a recorded function with a place for every value, and its run.
#pragma once

#include "gradient.hpp"

#include <numeric>
#include <utility>

// [plan]
template <int Inputs> struct program
{
    std::array<statement, 64> lines{}; // the operands are places in memory by now
    std::array<int, 64> to{};          // the place of each line's value
    std::array<int, 3> results{};
    int statements = 0, places = Inputs;
};
template <int Order, int Inputs, class Function> constexpr program<Inputs> compile(Function f)
{
    recorder list(Inputs, statement{});
    const auto results = [&]<int... I>(std::integer_sequence<int, I...>)
    { return f(node<Order>{{I}, &list}...); }(std::make_integer_sequence<int, Inputs>{});
    const int count = static_cast<int>(list.size());
    std::vector<int> last_use(count, -1), place(count, 0), free; // -1: nobody needs it
    for (const int result : results)
        last_use[result] = count;
    for (int id = count - 1; id >= 0; --id)
        for (const int operand : list[id].operands)
            if (operand >= 0 && last_use[id] >= 0)
                last_use[operand] = std::max(last_use[operand], id);
    std::iota(place.begin(), place.begin() + Inputs, 0);
    program<Inputs> p;
    for (int id = Inputs; id < count; ++id)
    {
        if (last_use[id] < 0)
            continue;
        statement line = list[id];
        for (int& operand : line.operands)
            if (operand >= 0)
            {
                if (operand >= Inputs && last_use[operand] == id) // its life ends here: its place is free
                    free.push_back(place[operand]), last_use[operand] = count;
                operand = place[operand];
            }
        if (free.empty())
            free.push_back(p.places++);
        p.lines[p.statements] = line;
        p.to[p.statements++] = place[id] = free.back();
        free.pop_back();
    }
    std::ranges::transform(results, p.results.begin(), [&](int id) { return place[id]; });
    return p;
}
// [plan end]

// [run]
template <int Inputs> constexpr std::array<double, 3> run(const program<Inputs>& p, std::array<double, Inputs> inputs)
{
    std::array<double, 64> memory{};
    std::ranges::copy(inputs, memory.begin());
    for (int k = 0; k < p.statements; ++k)
        memory[p.to[k]] = p.lines[k].forward(memory.data(), p.lines[k].operands.data());
    return {memory[p.results[0]], memory[p.results[1]], memory[p.results[2]]};
}
// [run end]
