// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/recorder.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace xgrad::inline XGRAD_ABI
{
    /// A finished list of statements, read only: what is printed, planned and run.
    struct graph_view
    {
        std::span<const record> records;
        std::span<const int> operands;
        std::span<const int> outputs;
        int bound = 1;
        int inputs = 0;
        std::int64_t parameter_size = 0;
        std::int64_t persistent_size = 0;

        constexpr std::span<const int> operands_of(int id) const
        {
            const record& line = records[static_cast<std::size_t>(id)];
            return operands.subspan(static_cast<std::size_t>(line.first_operand), static_cast<std::size_t>(line.operand_count));
        }

        /// Number of statements: lines that compute something.
        constexpr int statements() const
        {
            int count = 0;
            for (const record& line : records)
                count += line.from == source::statement;
            return count;
        }

        /// Floating-point operations of one run on the largest batch.
        constexpr std::int64_t flops() const
        {
            std::int64_t total = 0;
            for (const record& line : records)
                if (line.from == source::statement && line.op->flops)
                    total += line.op->flops({records.data(), operands.data() + line.first_operand, line.extents, line.with});
            return total;
        }
    };

    /// A graph as a constant of the program.
    template <int Records, int Operands, int Outputs>
    struct graph
    {
        std::array<record, Records> records{};
        std::array<int, Operands> operands{};
        std::array<int, Outputs> outputs{};
        int bound = 1;
        int inputs = 0;
        std::int64_t parameter_size = 0;
        std::int64_t persistent_size = 0;
        /// Places that draw random numbers.
        int random_streams = 0;

        constexpr graph_view view() const
        {
            return {records, operands, outputs, bound, inputs, parameter_size, persistent_size};
        }
    };

    /// What a builder returns: the list, and the values that the program reads.
    struct recording
    {
        recorder list;
        xgrad::list<int> outputs;
    };

    namespace detail
    {
        struct graph_size
        {
            int records, operands, outputs;
        };

        // Keeps inputs, parameters and persistent values, and the statements that an output or an assignment needs.
        constexpr list<int> kept_ids(const recording& from, graph_size& size)
        {
            const recorder& r = from.list;
            const int count = r.records.size();
            list<int> result(count, -1);
            int* const kept = result.begin(); // plain pointers: the compiler evaluates them twice as fast
            const record* const records = r.records.begin();
            const int* const operands = r.operands.begin();
            for (const int id : from.outputs)
                kept[id] = 0;
            for (int id = count - 1; id >= 0; --id)
            {
                const record& line = records[id];
                if (kept[id] < 0 && line.target < 0 &&
                    (line.from == source::statement || line.from == source::alias || line.from == source::constant))
                    continue;
                kept[id] = 0;
                for (int k = 0; k < line.operand_count; ++k)
                    kept[operands[line.first_operand + k]] = 0;
                size.operands += line.operand_count;
            }
            for (int id = 0; id < count; ++id)
                if (kept[id] == 0)
                    kept[id] = size.records++;
            size.outputs = from.outputs.size();
            return result;
        }

        /// A graph in a room that is at least as large, if `size` fits into it.
        template <graph_size Room>
        struct draft
        {
            graph<Room.records, Room.operands, Room.outputs> kept;
            graph_size size;
        };

        constexpr bool fits(const graph_size& size, const graph_size& room)
        {
            return size.records <= room.records && size.operands <= room.operands && size.outputs <= room.outputs;
        }

        template <graph_size Room>
        constexpr draft<Room> freeze(const recording& from)
        {
            const recorder& r = from.list;
            draft<Room> result{};
            const list<int> places = kept_ids(from, result.size);
            if (!fits(result.size, Room))
                return result;
            auto& to = result.kept;
            to.bound = r.bound;
            to.inputs = r.inputs;
            to.parameter_size = r.parameter_size;
            to.persistent_size = r.persistent_size;
            to.random_streams = r.random_streams;
            const int* const kept = places.begin();
            const record* const records = r.records.begin();
            const int* const from_operands = r.operands.begin();
            record* const to_records = to.records.data();
            int* const to_operands = to.operands.data();
            const int count = r.records.size();
            int operands = 0;
            for (int id = 0; id < count; ++id)
            {
                if (kept[id] < 0)
                    continue;
                record& line = to_records[kept[id]];
                line = records[id];
                const int* ids = from_operands + line.first_operand;
                line.first_operand = operands;
                if (line.op && line.op->executed)
                    line.op = line.op->executed;
                for (int k = 0; k < line.operand_count; ++k)
                    to_operands[operands++] = kept[ids[k]];
                if (line.target >= 0)
                    line.target = kept[line.target];
            }
            for (int k = 0; k < from.outputs.size(); ++k)
                to.outputs[static_cast<std::size_t>(k)] = kept[from.outputs[k]];
            return result;
        }

        template <graph_size Size>
        constexpr auto trimmed(const auto& from)
        {
            graph<Size.records, Size.operands, Size.outputs> to;
            to.bound = from.bound;
            to.inputs = from.inputs;
            to.parameter_size = from.parameter_size;
            to.persistent_size = from.persistent_size;
            to.random_streams = from.random_streams;
            std::copy_n(from.records.data(), Size.records, to.records.data());
            std::copy_n(from.operands.data(), Size.operands, to.operands.data());
            std::copy_n(from.outputs.data(), Size.outputs, to.outputs.data());
            return to;
        }

        // A guess, so that the compiler has to run most models only once; too much room costs it time as well.
        template <class Builder>
        consteval graph_size first_room()
        {
            int records = 64;
            if constexpr (requires { Builder::parameter_count; })
                records += 8 * Builder::parameter_count;
            return {records, 2 * records, 16};
        }

        // a variable of its own, so that a model that cannot be recorded is reported where it throws
        template <class Builder>
        inline constexpr auto draft_of = freeze<first_room<Builder>()>(Builder::build());

        // the recording is an argument: of a local variable Clang would evaluate the initializer twice
        template <class Builder>
        constexpr auto finished()
        {
            constexpr const auto& first = draft_of<Builder>;
            if constexpr (fits(first.size, first_room<Builder>()))
                return trimmed<first.size>(first.kept);
            else
                return freeze<first.size>(Builder::build()).kept;
        }
    }

    /// The graph that `Builder::build()` records, made while compiling.
    template <class Builder>
    inline constexpr auto graph_of = detail::finished<Builder>();
}
