// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/gradient.hpp>
#include <xgrad/graph/tape_list.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// A list of statements that are computed when they are recorded. Values are counted by the names that stand for
    /// them, and by the statements that a gradient may still go back through.
    class tape_core final : public tape_list
    {
    public:
        tape_core() : arrived_{*this, {}, {}} {}

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
                    --slot(operands_of(id)[0]).references;
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
                bool any = is_wanted(id);
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

    private:
        ~tape_core() = default;

        void drop_operands(int id) noexcept
        {
            const int* const ids = operands_of(id);
            for (int k = 0; k < records[id].operand_count; ++k)
                --slot(ids[k]).references;
        }

        error given_up(int id) const
        {
            return error("xgrad: the way back goes through " + describe(id) +
                         ", and an earlier backward gave it up: begin a new run with stop_gradient(value), or ask the "
                         "earlier one for backward(loss, xg::keep_graph)");
        }

        // the lists of a walk have a place for every value
        void fit()
        {
            while (accounted_.size() < values_.size())
            {
                accounted_.push(-1);
                arrived_.arrived.push(-1);
                arrived_.needed.push(0);
            }
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

        struct walk_end
        {
            tape_core& tape;
            ~walk_end() { tape.end_walk(); }
        };

        void end_walk() noexcept
        {
            free_fresh();
            for (const int id : touched_)
                if (accounted_[id] >= 0)
                {
                    release(std::exchange(accounted_[id], -1));
                    arrived_.arrived[id] = -1;
                    release(id);
                }
            touched_.clear();
            emitting_ = creating_ = false;
        }

        void free_fresh() noexcept
        {
            while (!fresh_.empty())
            {
                const int id = fresh_.back();
                fresh_.pop_back();
                if (const tape_slot& s = slot(id); s.alive && s.references == 0)
                    bury(id);
            }
        }

        // what has arrived at a value since it was last looked at is kept, and what was there before is given up
        void account(int id)
        {
            const int now = arrived_.arrived[id], before = accounted_[id];
            if (now == before)
                return;
            ++slot(now).references;
            accounted_[id] = now;
            if (before >= 0)
                release(before);
            else
            {
                ++slot(id).references; // it waits for its turn
                touched_.push_back(id);
            }
        }

        void walk(int from, bool keep, bool creating, std::span<const int> wanted, tape_value** found)
        {
            const int one = constant(1, records[from].type);
            try
            {
                emitting_ = true;
                creating_ = creating;
                arrived_.arrived[from] = one;
                account(from);
                for (int id = records[from].op ? from : -1; id >= 0;)
                {
                    if (accounted_[id] < 0)
                    {
                        id = slot(id).before;
                        continue;
                    }
                    pull(id);
                    for (std::size_t k = 0; k < wanted.size(); ++k)
                        if (wanted[k] == id)
                            found[k] = counted(accounted_[id]);
                    id = leave(id, keep);
                }
            }
            catch (...)
            {
                end_walk();
                throw;
            }
        }

        void pull(int id)
        {
            if (!arrived_.needed[id])
                return;
            tape_slot& s = slot(id);
            if (s.epoch < changed_)
                throw error("xgrad: the way back goes through " + describe(id) +
                            ", but parameters have changed since it was computed");
            if (!records[id].op->gradient)
                throw error("xgrad: " + describe(id) +
                            " was recorded without the means to differentiate it once more: use a "
                            "tape of more derivatives, basic_tape<N>");
            const auto account_all = [&]
            {
                for (int k = 0; k < records[id].operand_count; ++k)
                    account(operands_of(id)[k]);
            };
            try
            {
                records[id].op->gradient(arrived_, id);
            }
            catch (...)
            {
                account_all();
                throw;
            }
            account_all();
            for (int k = 0; k < records[id].operand_count; ++k)
                if (const int of = operands_of(id)[k]; accounted_[of] >= 0 && slot(of).consumed)
                    throw given_up(of);
            free_fresh();
        }

        // a value whose gradient has been passed on; returns the one recorded before it
        int leave(int id, bool keep)
        {
            tape_slot& s = slot(id);
            release(std::exchange(accounted_[id], -1));
            arrived_.arrived[id] = -1;
            const bool give_up = !keep && !s.permanent && !s.consumed;
            if (give_up && records[id].from != source::alias)
                for (int k = 0; k < records[id].operand_count; ++k)
                    release(operands_of(id)[k]);
            const int before = s.before;
            if (give_up)
            {
                untrace(id);
                s.consumed = true;
            }
            release(id);
            return before;
        }

        gradient_pass arrived_;
        list<int> accounted_;
        std::vector<int> touched_;
        int orphans_ = 0;
    };
}
