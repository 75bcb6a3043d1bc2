// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/gradient.hpp>
#include <xgrad/graph/tape_list.hpp>

#include <algorithm>
#include <span>

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

        /// For tape_rerun::run, when the results are there: the gradients that come to them are emitted from here on ...
        void go_back()
        {
            emitting_ = true;
            creating_ = outside_.creating;
            recording = outside_.recording;
            fit();
            for (int id = first_of(again_from_); id >= 0; id = slot(id).after)
            {
                bool any = slot(id).again;
                for (int k = 0; k < records[id].operand_count; ++k)
                {
                    const int of = operands_of(id)[k];
                    if (const tape_slot& s = slot(of); !records[of].op)
                        arrived_.needed[of] =
                            found_ ? std::find(wanted_.begin(), wanted_.end(), of) != wanted_.end() : s.needed;
                    else if (!s.traced || s.consumed)
                        arrived_.needed[of] = 0;
                    any = any || arrived_.needed[of];
                }
                arrived_.needed[id] = any;
            }
        }

        /// ... and when they have come, go back to the statements before.
        void go_back_from(const int* results, int count)
        {
            for (int k = 0; k < count; ++k)
                account(results[k]);
            walk_from(last_, again_from_);
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

        // what was the case before statements were made again
        struct outside
        {
            bool creating = false, recording = false, training = false, again = false;
            int random_streams = 0;
            std::uint64_t after = 0, from = 0;
        };
        struct inside
        {
            tape_core& tape;
            outside before;
            ~inside()
            {
                tape.emitting_ = true;
                tape.creating_ = tape.outside_.creating;
                tape.recording = tape.outside_.recording;
                tape.training = tape.outside_.training;
                tape.again_ = tape.outside_.again;
                tape.random_streams = tape.outside_.random_streams;
                tape.again_after_ = tape.outside_.after;
                tape.again_from_ = tape.outside_.from;
                tape.outside_ = before;
            }
        };

        int first_of(std::uint64_t serial) const
        {
            int id = last_, first = -1;
            for (; id >= 0 && slot(id).serial >= serial; id = slot(id).before)
                first = id;
            return first;
        }

        void run_again(int id)
        {
            tape_rerun& again = *slot(id).again;
            const inside scope{*this, std::exchange(outside_, {creating_, recording, training, again_, random_streams,
                                                               again_after_, again_from_})};
            again_after_ = slot(id).serial;
            again_from_ = serial_ + 1;
            emitting_ = creating_ = false;
            recording = again_ = true;
            training = again.training;
            random_streams = again.random_streams;
            again.run(arrived_);
            release_seeds(again);
        }

        void release_seeds(tape_rerun& again) noexcept
        {
            for (int& seed : again.seeds())
                if (seed >= 0)
                    release(std::exchange(seed, -1));
        }

        static void rerun_gradient(gradient_pass& pass, int id) { static_cast<tape_core&>(pass.records).run_again(id); }

        // the gradient of a result waits until all of them have come
        static void result_gradient(gradient_pass& pass, int id)
        {
            auto& tape = static_cast<tape_core&>(pass.records);
            const int rerun = tape.operands_of(id)[1];
            if (tape.slot(rerun).consumed)
                throw tape.given_up(rerun);
            tape.waiting_.push_back(rerun);
            tape.slot(rerun).again->seeds()[static_cast<std::size_t>(tape.records[id].with.value[0])] = pass.arrived[id];
            ++tape.slot(pass.arrived[id]).references;
            pass.arrived[rerun] = tape.constant(1, element::u8);
        }

        static constexpr operation rerun_operation{nullptr, &rerun_gradient, nullptr, nullptr, "recompute", false};
        static constexpr operation result_operation{nullptr, &result_gradient, nullptr, nullptr, "recompute(%0)", false};

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
            for (const int id : waiting_)
                if (slot(id).again)
                    release_seeds(*slot(id).again);
            waiting_.clear();
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
            keep_ = keep;
            wanted_ = wanted;
            found_ = found;
            try
            {
                emitting_ = true;
                creating_ = creating;
                arrived_.arrived[from] = one;
                account(from);
                walk_from(records[from].op ? from : -1, 0);
            }
            catch (...)
            {
                end_walk();
                throw;
            }
        }

        // to the first statement of those that were made from `first_serial` on
        void walk_from(int id, std::uint64_t first_serial)
        {
            while (id >= 0 && slot(id).serial >= first_serial)
            {
                if (accounted_[id] < 0)
                {
                    id = slot(id).before;
                    continue;
                }
                pull(id);
                for (std::size_t k = 0; k < wanted_.size(); ++k)
                    if (wanted_[k] == id)
                        found_[k] = counted(accounted_[id]);
                id = leave(id, keep_);
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
                forget(s);
            }
            release(id);
            return before;
        }

        gradient_pass arrived_;
        list<int> accounted_;
        std::vector<int> touched_, waiting_;
        outside outside_;
        bool keep_ = false;
        std::span<const int> wanted_;
        tape_value** found_ = nullptr;
        int orphans_ = 0;
    };
}
