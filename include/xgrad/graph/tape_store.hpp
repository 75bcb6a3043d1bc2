// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/graph.hpp>
#include <xgrad/graph/tape_memory.hpp>
#include <xgrad/shape/broadcast.hpp>

#include <memory>
#include <span>
#include <string>
#include <utility>

namespace xgrad::inline XGRAD_ABI
{
    struct gradient_pass;

    /// What a statement keeps in place of values: how to compute them again when a gradient goes back through them.
    class tape_rerun
    {
    public:
        virtual ~tape_rerun() = default;
        /// Computes the results again and has the tape walk back from them.
        virtual void run(gradient_pass& pass) = 0;
        /// The gradients that have come to the results in this walk, or -1.
        virtual std::span<int> seeds() = 0;

        bool training = false;
        int random_streams = 0;
    };

    /// A place for a value on a tape; it is used again when nobody refers to the value any more.
    struct tape_slot : tape_value
    {
        tape_memory::block memory;
        /// Numbers values in the order they were made; 0 while the place is free.
        std::uint64_t serial = 0;
        /// How often parameters had changed when the value was made.
        std::uint64_t epoch = 0;
        /// Neighbours in the list of statements that a gradient can go through, in the order they were made.
        int before = -1, after = -1;
        /// The batch it belongs to: its rows, and the bound that types have instead.
        int rows = 0, bound = 1;
        int operand_room = 0;
        /// A variable's gradient, as it adds up.
        int gradient = -1;
        /// A parameter's place for it, in a buffer outside.
        std::byte* gradient_at = nullptr;
        /// The place holds the gradient of an earlier run.
        bool gradient_stale = true;
        /// What stands for values that were not kept.
        tape_rerun* again = nullptr;
        bool alive = false;
        /// Parameters, constants and what is made of them alone: never given up.
        bool permanent = false;
        /// A gradient can go through it; it goes to a parameter or a variable.
        bool traced = false, needed = false;
        /// Its way back was given up by an earlier backward pass.
        bool consumed = false;
    };

    /// The values of a tape: places, memory, and the statements that compute them.
    class tape_store : public recorder
    {
    public:
        tape_store() { training = true; }

        tape_slot& slot(int id)
        {
            return (*chunks_[static_cast<std::size_t>(id) / chunk_size])[static_cast<std::size_t>(id) % chunk_size];
        }
        const tape_slot& slot(int id) const
        {
            return (*chunks_[static_cast<std::size_t>(id) / chunk_size])[static_cast<std::size_t>(id) % chunk_size];
        }

        const kernel::tensor_ref& value(int id) const { return values_[id]; }
        std::byte* bytes_of(int id) const { return reinterpret_cast<std::byte*>(values_[id].data.template as<std::uint8_t>()); }

        /// Bytes of memory taken from the system so far, and values that exist now.
        std::size_t memory_bytes() const { return memory_.bytes(); }
        int values() const { return alive_; }

        kernel::random_state random;
        /// Whether the first result that is not finite is refused.
        bool check_finite = false;

    protected:
        ~tape_store() = default;

        int take_slot()
        {
            int id = free_;
            if (id >= 0)
                free_ = slot(id).after;
            else
                id = grow();
            tape_slot& s = slot(id);
            s.references = 0;
            s.serial = ++serial_;
            s.epoch = epoch_;
            s.before = s.after = s.gradient = -1;
            s.rows = 0;
            s.bound = 1;
            s.alive = true;
            s.permanent = s.traced = s.needed = s.consumed = false;
            ++alive_;
            return id;
        }

        // makes room for what the recorder added itself, too
        int grow()
        {
            if (values_.size() == records.size())
                add({});
            while (values_.size() < records.size())
            {
                if (static_cast<std::size_t>(values_.size()) == chunks_.size() * chunk_size)
                    chunks_.push_back(std::make_unique<std::array<tape_slot, chunk_size>>());
                tape_slot& s = slot(values_.size());
                s.owner = runs;
                s.id = values_.size();
                values_.push({});
            }
            return values_.size() - 1;
        }

        void set_operands(int id, const int* ids, int count)
        {
            tape_slot& s = slot(id);
            record& line = records[id];
            if (count > s.operand_room)
            {
                s.operand_room = count <= 4 ? 4 : 2 * count;
                line.first_operand = operands.size();
                for (int k = 0; k < s.operand_room; ++k)
                    operands.push(-1);
            }
            line.operand_count = count;
            for (int k = 0; k < count; ++k)
                operands[line.first_operand + k] = ids[k];
        }

        void set_line(int id, const operation* op, const shape& extents, element type, source from,
                      const kernel::attributes& with)
        {
            record& line = records[id];
            line.op = op;
            line.extents = extents;
            line.type = type;
            line.from = from;
            line.with = with;
            line.number = 0;
            line.offset = 0;
            line.operand_count = 0;
        }

        void give_memory(int id)
        {
            tape_slot& s = slot(id);
            const record& line = records[id];
            s.memory = memory_.take(line.op && line.op->kept_bytes > 0 ? line.op->kept_bytes : line.bytes());
            kernel::tensor_ref& value = values_[id];
            value.data = kernel::address(s.memory.data);
            value.extents = line.extents;
        }

        int make_statement(const operation* op, const shape& extents, element type, const int* ids, int count,
                           const kernel::attributes& with)
        {
            const int id = take_slot();
            set_line(id, op, extents, type, source::statement, with);
            set_operands(id, ids, count);
            give_memory(id);
            try
            {
                execute(id);
            }
            catch (...)
            {
                free_slot(id);
                throw;
            }
            return id;
        }

        void execute(int id)
        {
            const record& line = records[id];
            const int count = line.operand_count;
            union room // written before it is read: to clear it would cost as much as to record a statement
            {
                kernel::tensor_ref few[8];
                room() {}
            } own;
            if (count > 8 && static_cast<std::size_t>(count) > many_.size())
                many_.resize(static_cast<std::size_t>(2 * count));
            kernel::tensor_ref* const in = count > 8 ? many_.data() : own.few;
            const int* const ids = operands_of(id);
            for (int k = 0; k < count; ++k)
                in[k] = values_[ids[k]];
            kernel::call c;
            c.in = in;
            c.count = count;
            c.out = values_[id];
            c.with = line.with;
            c.random = &random;
            if (line.op->workspace)
                if (const std::int64_t bytes = line.op->workspace({records.begin(), ids, line.extents, line.with}); bytes > 0)
                    c.workspace = workspace_of(bytes);
            line.op->forward(c);
            if (check_finite)
                refuse_not_finite(id, {});
        }

        kernel::address workspace_of(std::int64_t bytes)
        {
            if (static_cast<std::size_t>(bytes) > workspace_.size())
                workspace_ = buffer(static_cast<std::size_t>(bytes + bytes / 2));
            return kernel::address(workspace_.data());
        }

        static void forget(tape_slot& s) noexcept
        {
            if (s.again)
                std::exchange(s.again, nullptr)->~tape_rerun();
        }

        void free_slot(int id) noexcept
        {
            tape_slot& s = slot(id);
            forget(s);
            if (s.memory.data)
                memory_.give_back(s.memory);
            s.memory = {};
            s.alive = false;
            s.serial = 0;
            s.after = free_;
            free_ = id;
            --alive_;
        }

        virtual std::string describe(int id) const = 0;

        void refuse_not_finite(int id, const std::string& called) const
        {
            with_type(records[id].type,
                      [&](auto* null)
                      {
                          using type = std::remove_pointer_t<decltype(null)>;
                          if constexpr (std::is_floating_point_v<type>)
                          {
                              const type* const x = values_[id].data.template as<type>();
                              for (std::ptrdiff_t i = 0; i < values_[id].extents.size(); ++i)
                                  if (!(x[i] - x[i] == 0))
                                      throw error("xgrad: element " + std::to_string(i) + " of " +
                                                  (called.empty() ? describe(id) : called) + " is " +
                                                  (x[i] != x[i] ? "nan"
                                                   : x[i] > 0   ? "infinite"
                                                                : "minus infinite"));
                          }
                      });
        }

        static constexpr std::size_t chunk_size = 256;
        std::vector<std::unique_ptr<std::array<tape_slot, chunk_size>>> chunks_;
        list<kernel::tensor_ref> values_;
        std::vector<kernel::tensor_ref> many_;
        tape_memory memory_;
        buffer workspace_;
        std::uint64_t serial_ = 0, epoch_ = 0;
        int free_ = -1, alive_ = 0;
    };
}
