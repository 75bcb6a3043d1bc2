// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/graph_printer.hpp>
#include <xgrad/graph/tape_store.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Statements as a tape records them: which are found again, which can be gone back through, which are given up.
    class tape_list : public tape_store, public runner
    {
    public:
        /// Whether statements are remembered for gradients.
        bool recording = true;
        /// Paths of the parameters, in the order they were added.
        std::vector<std::string> parameter_names;

        /// A parameter or state whose elements lie outside.
        int add_outside(const shape& extents, element type, std::byte* data, bool trained)
        {
            const int id = take_slot();
            set_line(id, nullptr, extents, type, source::parameter, {});
            records[id].offset = parameters_++;
            values_[id] = {kernel::address(data), extents};
            tape_slot& s = slot(id);
            s.permanent = true;
            s.references = 1;
            s.traced = is_floating(type);
            s.needed = s.traced && trained;
            return id;
        }

        /// A value handed in, its elements not yet written; `form` may be bounded.
        tape_value* add_value(shape extents, element type, int bound_of_rows, bool traced, bool variable)
        {
            refuse_if_gone();
            const int id = take_slot();
            tape_slot& s = slot(id);
            if (bound_of_rows > 0)
            {
                s.rows = extents.extent[0];
                s.bound = bound_of_rows;
            }
            extents.bounded = false;
            set_line(id, nullptr, extents, type, source::input, {});
            records[id].offset = inputs++;
            give_memory(id);
            s.traced = is_floating(type) && (traced || variable);
            s.needed = is_floating(type) && variable;
            return counted(id);
        }

        /// The values of parameters are other ones now: nothing computed from them is found again.
        void parameters_changed()
        {
            changed_ = ++epoch_;
            random_streams = 0;
        }

        /// Ends a run: writes what models assigned to their states.
        void finish()
        {
            if (writes.size() == 0)
                return;
            for (const written& w : writes)
            {
                std::memcpy(bytes_of(w.state), bytes_of(w.value), static_cast<std::size_t>(records[w.state].bytes()));
                release(w.value);
            }
            writes = {};
            ++epoch_;
        }

        int statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                      const kernel::attributes& with) override
        {
            refuse_if_gone();
            if (emitting_)
            {
                const bool traced = creating_ && traces(op, ids, count);
                int id = find(op, extents, ids, count, with, traced);
                if (id < 0)
                {
                    id = make_statement(op, extents, type, ids, count, with);
                    fresh_.push_back(id);
                    if (traced)
                        trace(id);
                    remember(id);
                }
                return id;
            }
            return permanent([&] { return recorder::add_statement(op, extents, type, ids, count, with); });
        }

        int alias(const operation* op, int of, const shape& extents, std::int64_t offset) override
        {
            refuse_if_gone();
            if (emitting_)
            {
                const int id = make_alias(op, of, extents, offset, creating_ && traces(op, &of, 1));
                fresh_.push_back(id);
                return id;
            }
            return permanent([&] { return recorder::add_alias(op, of, extents, offset); });
        }

        int constant(double number, element type) override
        {
            refuse_if_gone();
            return permanent([&] { return recorder::add_constant(number, type); });
        }

        tape_value* held_statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                                   const kernel::attributes& with) override
        {
            const bool traced = recording && traces(op, ids, count);
            if (watching_)
                watch(op, ids, count);
            int id = find(op, extents, ids, count, with, traced);
            if (id < 0)
            {
                const int rows = pending_rows_, most = pending_bound_;
                id = make_statement(op, extents, type, ids, count, with);
                slot(id).rows = rows;
                slot(id).bound = most;
                if (traced)
                    trace(id);
                remember(id);
            }
            return counted(id);
        }

        tape_value* held_alias(const operation* op, int of, const shape& extents, std::int64_t offset) override
        {
            const int rows = pending_rows_, most = pending_bound_;
            if (watching_)
                watch(op, &of, 1);
            const int id = make_alias(op, of, extents, offset, recording && traces(op, &of, 1));
            slot(id).rows = rows;
            slot(id).bound = most;
            return counted(id);
        }

        tape_value* held_constant_of(double number, element type) override
        {
            refuse_if_gone();
            if (constants_ < most_constants) // few numbers are written in a program; others change as it runs
                return counted(constant(number, type));
            const int id = take_slot();
            set_line(id, nullptr, {}, type, source::constant, {});
            records[id].number = number;
            give_memory(id);
            write_constant(id);
            return counted(id);
        }

        tape_value* hold(int id) override { return counted(id); }

        shape extents_of(const shape& form, const int* ids, int count) override
        {
            refuse_if_gone();
            int from = -1;
            for (int k = 0; k < count; ++k)
            {
                if (ids[k] < 0)
                    throw error("xgrad: an expression reads a name that has no value yet");
                if (const tape_slot& s = slot(ids[k]); s.rows > 0)
                {
                    if (from >= 0 && slot(from).rows != s.rows)
                        throw shape_error("xgrad: one expression reads batches of " + std::to_string(slot(from).rows) +
                                          " and of " + std::to_string(s.rows) + " rows: " + describe(from) + " and " +
                                          describe(ids[k]));
                    from = ids[k];
                }
            }
            pending_rows_ = form.bounded ? (from >= 0 ? slot(from).rows : assumed_rows_) : assumed_rows_;
            pending_bound_ = from >= 0 ? slot(from).bound : assumed_bound_;
            if (!form.bounded)
                return form;
            if (pending_rows_ == 0)
                throw error("xgrad: the rows of a batch are not known here: no operand belongs to one");
            shape extents = form;
            extents.bounded = false;
            extents.extent[0] = extents.extent[0] / pending_bound_ * pending_rows_;
            return extents;
        }

        int rows_of(const int* ids, int count) override
        {
            extents_of({}, ids, count);
            for (int k = 0; k < count; ++k)
                if (slot(ids[k]).rows > 0)
                    return slot(ids[k]).rows;
            return 0;
        }

        void assume_rows(const int* ids, int count) override
        {
            for (int k = 0; k < count; ++k)
                if (const tape_slot& s = slot(ids[k]); s.rows > 0)
                {
                    assumed_rows_ = s.rows;
                    assumed_bound_ = s.bound;
                }
        }
        void assume_nothing() override { assumed_rows_ = 0; }

        void write_last(int state, int value) override
        {
            if (again_) // it was written the first time
                return;
            ++slot(value).references;
            for (written& w : writes)
                if (w.state == state)
                {
                    release(std::exchange(w.value, value));
                    return;
                }
            writes.push({state, value});
        }

        const kernel::tensor_ref& read(const tape_value& value) override
        {
            refuse_if_gone();
            return values_[value.id];
        }

        int unwritten(const shape& extents, element type) override
        {
            const int id = take_slot();
            set_line(id, nullptr, extents, type, source::input, {});
            give_memory(id);
            fresh_.push_back(id);
            return id;
        }
        const kernel::tensor_ref& at(int id) const override { return values_[id]; }
        kernel::address room(std::int64_t bytes) override { return workspace_of(bytes); }
        const kernel::random_state& random_numbers() const override { return random; }
        void is_written(int id, int gradient_of) override
        {
            if (check_finite)
                refuse_not_finite(id, "the gradient of " + describe(gradient_of));
        }

        void refuse_if_gone() const
        {
            if (gone_)
                throw error("xgrad: the tape of this value is gone; a tape must live as long as what is computed on it");
        }

        std::string describe(int id) const override
        {
            const graph_view g{{records.begin(), static_cast<std::size_t>(records.size())},
                               {operands.begin(), static_cast<std::size_t>(operands.size())},
                               {}};
            const detail::graph_printer print(g, parameter_names);
            std::string text = print.name(id) + " " + print.type(id);
            if (!records[id].op)
                return text;
            text += " = " + print.computation(id);
            const char* between = " with ";
            for (const int of : g.operands_of(id)) // one step further back
                if (records[of].op && slot(of).alive)
                    text += std::exchange(between, ", ") + print.name(of) + " = " + print.computation(of);
            return text;
        }

        void add_reference(int id) { ++slot(id).references; }
        void release(int id) noexcept
        {
            tape_slot& s = slot(id);
            if (--s.references == 0 && s.alive && !s.permanent)
                bury(id);
        }

    protected:
        tape_list() { runs = this; }
        ~tape_list() = default;

        tape_value* counted(int id)
        {
            tape_slot& s = slot(id);
            ++s.references;
            return &s;
        }

        bool traces(const operation* op, const int* ids, int count) const
        {
            if (!op->gradient)
                return false;
            for (int k = 0; k < count; ++k)
                if (slot(ids[k]).traced)
                    return true;
            return false;
        }

        // what statements that are not remembered would have led to
        void watch(const operation* op, const int* ids, int count)
        {
            if (traces(op, ids, count))
                would_trace_ = true;
            for (int k = 0; k < count && op->gradient; ++k)
                would_need_ = would_need_ || slot(ids[k]).needed;
        }

        void trace(int id)
        {
            tape_slot& s = slot(id);
            s.traced = true;
            s.before = last_;
            (last_ >= 0 ? slot(last_).after : first_) = id;
            last_ = id;
            const int* const ids = operands_of(id);
            for (int k = 0; k < records[id].operand_count; ++k)
            {
                tape_slot& operand = slot(ids[k]);
                ++operand.references;
                s.needed = s.needed || operand.needed;
            }
        }

        void untrace(int id) noexcept
        {
            tape_slot& s = slot(id);
            (s.before >= 0 ? slot(s.before).after : first_) = s.after;
            (s.after >= 0 ? slot(s.after).before : last_) = s.before;
            s.before = s.after = -1;
        }

        int make_alias(const operation* op, int of, const shape& extents, std::int64_t offset, bool traced)
        {
            const int id = take_slot();
            set_line(id, op, extents, records[of].type, source::alias, {});
            records[id].offset = offset;
            set_operands(id, &of, 1);
            values_[id] = {kernel::address(bytes_of(of) + static_cast<std::size_t>(offset) * size_of(records[of].type)),
                           extents};
            if (traced)
                trace(id);
            else
                ++slot(of).references; // it lies in the other's memory
            return id;
        }

        // Parameters and what is made of them alone keep their places; what parameters' new values change is computed again.
        template <class Record>
        int permanent(const Record& record_it)
        {
            runs = nullptr;
            const int before = records.size();
            const int id = record_it();
            runs = this;
            const record& line = records[id];
            if (id == before)
            {
                grow();
                tape_slot& s = slot(id);
                s.references = 1;
                s.serial = ++serial_;
                s.alive = s.permanent = true;
                s.operand_room = line.operand_count;
                ++alive_;
                if (line.from == source::alias)
                    values_[id] = {kernel::address(bytes_of(operands_of(id)[0]) +
                                                   static_cast<std::size_t>(line.offset) * size_of(line.type)),
                                   line.extents};
                else
                    give_memory(id);
                if (line.from == source::constant)
                {
                    ++constants_;
                    write_constant(id);
                }
                else if (traces(line.op, operands_of(id), line.operand_count))
                    trace(id);
                else if (line.from == source::alias)
                    ++slot(operands_of(id)[0]).references;
            }
            if (line.from == source::statement && (id == before || slot(id).epoch != epoch_))
                execute(id);
            slot(id).epoch = epoch_;
            return id;
        }

        void write_constant(int id)
        {
            with_type(records[id].type,
                      [&](auto* null)
                      {
                          using type = std::remove_pointer_t<decltype(null)>;
                          *values_[id].data.template as<type>() = static_cast<type>(records[id].number);
                      });
        }

        struct remembered
        {
            int id = -1;
            std::uint64_t serial = 0;
        };

        static std::size_t bucket_of(const operation* op, const int* ids, int count, const kernel::attributes& with)
        {
            auto h = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(op)) ^
                     static_cast<std::uint64_t>(with.value[0]) * 0x9e3779b97f4a7c15u ^
                     static_cast<std::uint64_t>(with.value[1]) * 0xc2b2ae3d27d4eb4fu;
            for (int k = 0; k < count; ++k)
                h = (h ^ static_cast<std::uint64_t>(ids[k])) * 0x9e3779b97f4a7c15u;
            return static_cast<std::size_t>(h >> 54);
        }

        int find(const operation* op, const shape& extents, const int* ids, int count, const kernel::attributes& with,
                 bool traced)
        {
            bucket_ = bucket_of(op, ids, count, with);
            const remembered& r = remembered_[bucket_];
            if (r.id < 0)
                return -1;
            const tape_slot& s = slot(r.id);
            const record& line = records[r.id];
            if (s.serial != r.serial || line.op != op || line.operand_count != count || s.epoch != epoch_ || s.consumed ||
                !(line.with == with) || !(line.extents == extents) || (s.traced != traced && !(emitting_ && !creating_)))
                return -1;
            if (again_ && s.serial >= again_after_ && s.serial < again_from_) // a gradient has gone back past it
                return -1;
            const int* const own = operands_of(r.id);
            for (int k = 0; k < count; ++k)
                if (own[k] != ids[k] || slot(ids[k]).serial > s.serial) // made later: another value in the same place
                    return -1;
            return r.id;
        }

        // where it was looked for
        void remember(int id) { remembered_[bucket_] = {id, slot(id).serial}; }

        void bury(int id) noexcept
        {
            const std::size_t first = dying_.size();
            dying_.push_back(id);
            while (dying_.size() > first)
            {
                const int dead = dying_.back();
                dying_.pop_back();
                tape_slot& s = slot(dead);
                const bool holds = (s.traced && records[dead].op && !s.consumed) || records[dead].from == source::alias;
                if (s.traced && records[dead].op && !s.consumed)
                    untrace(dead);
                if (holds)
                {
                    const int* const ids = operands_of(dead);
                    for (int k = 0; k < records[dead].operand_count; ++k)
                        let_go(ids[k]);
                }
                if (s.gradient >= 0)
                    let_go(s.gradient);
                free_slot(dead);
            }
        }

        void let_go(int id) noexcept
        {
            tape_slot& s = slot(id);
            if (--s.references == 0 && !s.permanent)
                dying_.push_back(id);
        }

        std::vector<int> fresh_, dying_;
        std::array<remembered, 1024> remembered_{};
        std::size_t bucket_ = 0;
        std::uint64_t changed_ = 0;
        std::int64_t parameters_ = 0;
        int first_ = -1, last_ = -1;
        int pending_rows_ = 0, pending_bound_ = 1, assumed_rows_ = 0, assumed_bound_ = 1;
        bool emitting_ = false, creating_ = false;
        bool watching_ = false, would_trace_ = false, would_need_ = false, again_ = false;
        std::uint64_t again_after_ = 0, again_from_ = 0;
        static constexpr int most_constants = 1000;
        int constants_ = 0;
        bool gone_ = false;
    };
}
