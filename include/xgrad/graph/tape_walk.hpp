// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/gradient.hpp>
#include <xgrad/graph/tape_list.hpp>

#include <algorithm>
#include <span>

namespace xgrad::inline XGRAD_ABI
{
    /// The ways back over a tape's statements: what has arrived where, and what is computed again to go on.
    class tape_walk : public tape_list
    {
    public:
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

    protected:
        tape_walk() : arrived_{*this, {}, {}} {}
        ~tape_walk() = default;

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

        struct walk_end
        {
            tape_walk& tape;
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

        // the gradient of a result waits until all of them have come
        static void result_gradient(gradient_pass& pass, int id)
        {
            auto& tape = static_cast<tape_walk&>(pass.records);
            const int rerun = tape.operands_of(id)[1];
            if (tape.slot(rerun).consumed)
                throw tape.given_up(rerun);
            tape.waiting_.push_back(rerun);
            tape.slot(rerun).again->seeds()[static_cast<std::size_t>(tape.records[id].with.value[0])] = pass.arrived[id];
            ++tape.slot(pass.arrived[id]).references;
            pass.arrived[rerun] = tape.constant(1, element::u8);
        }

        // what was the case before statements were made again
        struct outside
        {
            bool creating = false, recording = false, training = false, again = false;
            int random_streams = 0;
            std::uint64_t after = 0, from = 0;
        };
        struct inside
        {
            tape_walk& tape;
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

        static void rerun_gradient(gradient_pass& pass, int id) { static_cast<tape_walk&>(pass.records).run_again(id); }

        static constexpr operation rerun_operation{nullptr, &rerun_gradient, nullptr, nullptr, "recompute", false};
        static constexpr operation result_operation{nullptr, &result_gradient, nullptr, nullptr, "recompute(%0)", false};

        gradient_pass arrived_;
        list<int> accounted_;
        std::vector<int> touched_, waiting_;
        outside outside_;
        bool keep_ = false;
        std::span<const int> wanted_;
        tape_value** found_ = nullptr;
    };
}
