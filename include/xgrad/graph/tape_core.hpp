// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/tape_walk.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// A list of statements that are computed when they are recorded. Values are counted by the names that stand for
    /// them, and by the statements that a gradient may still go back through.
    class tape_core final : public tape_walk
    {
    public:
        void unreferenced(tape_value& v) noexcept override
        {
            if (gone_)
            {
                if (--orphans_ == 0)
                    delete this;
            }
            else if (!slot(v.id).permanent)
                bury(v.id);
        }

        /// The tape is gone; what is left lives until the last name for a value of it is gone, too.
        void abandon()
        {
            for (int id = 0; id < values_.size(); ++id)
                forget(slot(id)); // it may hold names
            gone_ = true;
            for (int id = first_; id >= 0; id = slot(id).after)
                drop_operands(id);
            for (const written& w : writes)
                --slot(w.value).references;
            for (int id = 0; id < values_.size(); ++id)
            {
                tape_slot& s = slot(id);
                if (!s.alive)
                    continue;
                if (records[id].from == source::alias && (!s.traced || s.consumed))
                    drop_operands(id);
                if (s.gradient >= 0)
                    --slot(s.gradient).references;
                s.references -= s.permanent;
            }
            for (int id = 0; id < values_.size(); ++id)
                orphans_ += slot(id).alive && slot(id).references > 0;
            if (orphans_ == 0)
                delete this;
        }

        /// Walks back from a scalar and calls settle(leaf, gradient) for every parameter and variable it depends on.
        /// The way is given up, unless it is to be kept.
        template <class Settle>
        void walk_back(int from, bool keep, const Settle& settle)
        {
            refuse_way(from);
            fit();
            for (int id = first_; id >= 0; id = slot(id).after)
            {
                arrived_.needed[id] = slot(id).needed;
                for (int k = 0; k < records[id].operand_count; ++k)
                    arrived_.needed[operands_of(id)[k]] = slot(operands_of(id)[k]).needed;
            }
            arrived_.needed[from] = slot(from).needed;
            walk(from, keep, false, {}, nullptr);
            const walk_end end{*this};
            for (const int id : touched_)
                if (accounted_[id] >= 0 && !records[id].op)
                    settle(id, accounted_[id]);
        }

        /// Adds what has arrived at a parameter or variable to its gradient.
        void add_gradient(int leaf, int gradient)
        {
            tape_slot& s = slot(leaf);
            const bool outside = s.gradient_at != nullptr;
            if (!outside && s.gradient < 0)
            {
                add_reference(gradient);
                s.gradient = gradient;
                return;
            }
            int sum = -1;
            if (!outside)
            {
                sum = take_slot();
                set_line(sum, nullptr, records[leaf].extents, records[leaf].type, source::input, {});
                give_memory(sum);
                ++slot(sum).references;
            }
            with_type(records[leaf].type,
                      [&](auto* null)
                      {
                          using type = std::remove_pointer_t<decltype(null)>;
                          const type* const from = values_[gradient].data.template as<type>();
                          type* const to =
                              outside ? reinterpret_cast<type*>(s.gradient_at) : values_[sum].data.template as<type>();
                          const type* const before = outside ? to : values_[s.gradient].data.template as<type>();
                          const std::ptrdiff_t count = records[leaf].extents.size();
                          if (outside && s.gradient_stale)
                              std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(type));
                          else
                              for (std::ptrdiff_t i = 0; i < count; ++i)
                                  to[i] = static_cast<type>(before[i] + from[i]);
                      });
            s.gradient_stale = false;
            if (!outside)
                release(std::exchange(s.gradient, sum));
        }

        void gradients(int from, const int* wanted, int count, const operation* repeat, tape_value** found) override
        {
            refuse_if_gone();
            if (slot(from).consumed)
                throw given_up(from);
            fit();
            const auto is_wanted = [&](int id)
            {
                for (int k = 0; k < count; ++k)
                    if (wanted[k] == id)
                        return true;
                return false;
            };
            for (int id = first_; id >= 0; id = slot(id).after)
                for (int k = 0; k < records[id].operand_count; ++k)
                    arrived_.needed[operands_of(id)[k]] = is_wanted(operands_of(id)[k]);
            for (int id = first_; id >= 0; id = slot(id).after)
            {
                bool any = is_wanted(id) || slot(id).again;
                for (int k = 0; k < records[id].operand_count && !any; ++k)
                    any = arrived_.needed[operands_of(id)[k]];
                arrived_.needed[id] = any;
            }
            const bool reaches = is_wanted(from) || slot(from).traced;
            if (reaches)
                walk(from, true, recording, {wanted, static_cast<std::size_t>(count)}, found);
            const walk_end end{*this};
            for (int k = 0; k < count; ++k)
            {
                if (!found[k] && reaches && accounted_[wanted[k]] >= 0)
                    found[k] = counted(accounted_[wanted[k]]);
                if (found[k] && records[found[k]->id].extents == records[wanted[k]].extents)
                    continue;
                // a number repeated, or nothing: zeros
                const int number = found[k] ? found[k]->id : constant(0, records[wanted[k]].type);
                tape_value* const whole =
                    held_statement(repeat, records[wanted[k]].extents, records[wanted[k]].type, &number, 1, {});
                if (found[k])
                    release(found[k]->id);
                found[k] = whole;
            }
            for (int k = 0; k < count; ++k)
                if (tape_slot& s = slot(found[k]->id); slot(wanted[k]).rows > 0)
                {
                    s.rows = slot(wanted[k]).rows;
                    s.bound = slot(wanted[k]).bound;
                }
        }

        /// A statement in place of values that are not kept, with room for a tape_rerun, and what it would have led to.
        tape_value* add_rerun(std::int64_t bytes, bool needed)
        {
            const int id = take_slot();
            set_line(id, &rerun_operation, {}, element::u8, source::statement, {});
            tape_slot& s = slot(id);
            s.memory = memory_.take(bytes);
            values_[id] = {kernel::address(s.memory.data), {}};
            trace(id);
            s.needed = needed;
            return counted(id);
        }

        /// A result that such a statement stands for.
        tape_value* add_result(int rerun, int value, int number)
        {
            const int id = take_slot(), ids[]{value, rerun};
            set_line(id, &result_operation, records[value].extents, records[value].type, source::alias, {{number, 0}});
            set_operands(id, ids, 2);
            values_[id] = values_[value];
            slot(id).rows = slot(value).rows;
            slot(id).bound = slot(value).bound;
            trace(id);
            return counted(id);
        }

        /// What f led to while nothing was recorded.
        struct touched
        {
            bool traced, needed;
        };
        template <class Function>
        touched run_unrecorded(const Function& f)
        {
            const unrecorded scope{*this};
            f();
            return {would_trace_, would_need_};
        }

    private:
        ~tape_core() = default;

        struct unrecorded
        {
            tape_core& tape;
            bool recording = std::exchange(tape.recording, false), watching = std::exchange(tape.watching_, true);
            bool traced = std::exchange(tape.would_trace_, false), needed = std::exchange(tape.would_need_, false);
            ~unrecorded()
            {
                tape.recording = recording;
                tape.watching_ = watching;
                tape.would_trace_ = traced;
                tape.would_need_ = needed;
            }
        };

        void drop_operands(int id) noexcept
        {
            const int* const ids = operands_of(id);
            for (int k = 0; k < records[id].operand_count; ++k)
                --slot(ids[k]).references;
        }

        void refuse_way(int from) const
        {
            refuse_if_gone();
            const tape_slot& s = slot(from);
            if (s.consumed)
                throw given_up(from);
            if (!s.traced || !s.needed)
                throw error("xgrad::backward: " + describe(from) +
                            " depends on no parameter and no variable, or was computed in a scope without gradients");
        }

        int orphans_ = 0;
    };
}
