// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/held.hpp>
#include <xgrad/meta/error.hpp>
#include <xgrad/meta/list.hpp>

#include <bit>

namespace xgrad::inline XGRAD_ABI
{
    /// The list that expressions record themselves into, while the compiler runs a model or while the program does.
    class recorder
    {
    public:
        /// Whether layers that behave differently in training (dropout) should.
        bool training = false;
        /// What runs the statements at once: a tape; nothing while the compiler records.
        runner* runs = nullptr;
        /// Whether what parameters alone decide is computed once, and may cost more than it saves in one run.
        bool frozen = false;

        list<record> records;
        list<int> operands;
        /// The bound of the leading extent of the inputs, 1 if none is bounded.
        int bound = 1;
        std::int64_t parameter_size = 0;
        /// Elements of the model's states, which lie behind its parameters.
        std::int64_t state_size = 0;
        std::int64_t persistent_size = 0;
        int inputs = 0;
        /// Places in the program that draw random numbers so far.
        int random_streams = 0;

        constexpr recorder() : buckets_(bucket_count, -1) {}

        constexpr const record& operator[](int id) const { return records[id]; }
        constexpr record& operator[](int id) { return records[id]; }
        constexpr const int* operands_of(int id) const { return operands.begin() + records[id].first_operand; }

        constexpr int add(const record& line)
        {
            records.push(line);
            next_.push(-1);
            return records.size() - 1;
        }

        /// A value that the program hands in with every run.
        constexpr int add_input(const shape& extents, element type)
        {
            if (extents.bounded)
            {
                if (bound != 1 && bound != extents.extent[0])
                    throw shape_error("the inputs of one graph must share one batch bound");
                bound = extents.extent[0];
            }
            return add({.extents = extents, .type = type, .from = source::input, .offset = inputs++});
        }

        constexpr int add_parameter(shape extents, element type)
        {
            const int id = add({.extents = extents, .type = type, .from = source::parameter, .offset = parameter_size});
            parameter_size += padded(extents.size(), type);
            return id;
        }

        /// A model's state; all parameters come before the first one.
        constexpr int add_state(shape extents, element type)
        {
            const std::int64_t at = parameter_size + state_size;
            state_size += padded(extents.size(), type);
            return add({.extents = extents, .type = type, .from = source::parameter, .offset = at});
        }

        /// Has a state take a value when the run is over; the last one counts.
        constexpr void write_last(int state, int value)
        {
            if (runs)
                return runs->write_last(state, value);
            for (written& w : writes)
                if (w.state == state)
                {
                    w.value = value;
                    return;
                }
            writes.push({state, value});
        }

        struct written
        {
            int state, value;
        };
        list<written> writes;

        /// The gradient of a parameter, at the parameter's place in a region of its own.
        constexpr int add_gradient(int parameter)
        {
            record line = records[parameter];
            line.from = source::gradient;
            return add(line);
        }

        /// All parameters or all gradients as one vector; attribute 0 is 1.
        constexpr int add_whole(source region, element type)
        {
            shape all;
            all.append(parameter_size);
            return add({.extents = all, .type = type, .from = region, .with = {{1, 0}}});
        }

        /// A value that outlives a run: a moment, a running statistic.
        constexpr int add_persistent(shape extents, element type) // a copy: the list may grow around it
        {
            const int id = add({.extents = extents, .type = type, .from = source::persistent, .offset = persistent_size});
            persistent_size += padded(extents.size(), type);
            return id;
        }

        constexpr int add_constant(double number, element type)
        {
            if (runs)
                return runs->constant(number, type);
            record line{.type = type, .from = source::constant, .number = number};
            const auto bits = std::bit_cast<std::uint64_t>(number); // -0 is not 0, and a NaN is itself
            const int bucket = hash(nullptr, 0, static_cast<unsigned>(bits ^ bits >> 32) + 7u);
            for (int id = buckets_[bucket]; id >= 0; id = next_[id])
                if (records[id].from == source::constant && records[id].type == type &&
                    std::bit_cast<std::uint64_t>(records[id].number) == bits)
                    return id;
            return chain(bucket, add(line));
        }

        /// Another shape or place of a value's memory; nothing is computed.
        constexpr int add_alias(const operation* op, int of, const shape& extents, std::int64_t offset)
        {
            if (runs)
                return runs->alias(op, of, extents, offset);
            const record line{.op = op, .extents = extents, .type = records[of].type, .from = source::alias, .offset = offset};
            const int bucket = hash(&of, 1, static_cast<unsigned>(offset));
            for (int id = buckets_[bucket]; id >= 0; id = next_[id])
                if (records[id].op == op && operands_of(id)[0] == of && records[id].offset == offset &&
                    records[id].extents == extents)
                    return id;
            return chain(bucket, add_with(line, &of, 1));
        }

        /// Records a statement, or finds the same one made before.
        constexpr int add_statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                                    const kernel::attributes& with)
        {
            if (runs)
                return runs->statement(op, extents, type, ids, count, with);
            const int bucket = hash(ids, count, static_cast<unsigned>(with.value[0]));
            for (int id = buckets_[bucket]; id >= 0; id = next_[id])
                if (same(id, op, extents, ids, count, with))
                    return id;
            return chain(bucket, add_with({.op = op, .extents = extents, .type = type, .with = with}, ids, count));
        }

        /// Records a statement that writes a persistent value: never found again, never dropped.
        constexpr int add_assignment(const operation* op, int target, const int* ids, int count,
                                     const kernel::attributes& with = {})
        {
            return add_with(
                {.op = op, .extents = records[target].extents, .type = records[target].type, .with = with, .target = target},
                ids, count);
        }

        /// Elements taken by a value of `count` in a region: whole cache lines.
        static constexpr std::int64_t padded(std::int64_t count, element type)
        {
            const std::int64_t line = static_cast<std::int64_t>(alignment / size_of(type));
            return (count + line - 1) / line * line;
        }

    private:
        static constexpr int bucket_count = 1024;

        static constexpr int hash(const int* ids, int count, unsigned seed)
        {
            for (int i = 0; i < count; ++i)
                seed = seed * 31u + static_cast<unsigned>(ids[i]);
            return static_cast<int>((seed ^ seed >> 10) % bucket_count);
        }

        constexpr bool same(int id, const operation* op, const shape& extents, const int* ids, int count,
                            const kernel::attributes& with) const
        {
            const record& line = records.begin()[id];
            if (line.op != op || line.operand_count != count || line.target != -1)
                return false;
            const int* own = operands.begin() + line.first_operand;
            for (int i = 0; i < count; ++i)
                if (own[i] != ids[i])
                    return false;
            return line.with == with && line.extents == extents;
        }

        constexpr int add_with(record line, const int* ids, int count)
        {
            line.first_operand = operands.size();
            line.operand_count = count;
            for (int i = 0; i < count; ++i)
                operands.push(ids[i]);
            return add(line);
        }

        constexpr int chain(int bucket, int id)
        {
            next_[id] = buckets_[bucket];
            return buckets_[bucket] = id;
        }

        list<int> buckets_, next_;
    };
}
