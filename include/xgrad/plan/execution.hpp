// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/unrolled.hpp>
#include <xgrad/tensor/buffer.hpp>

#include <functional>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    /// Runs a planned graph, statement by statement. All memory is taken when it is made; a run takes none.
    class execution
    {
    public:
        execution(const graph_view& g, std::span<const std::int64_t> offsets, std::span<const std::int64_t> workspaces,
                  std::int64_t scratch_bytes, element type, std::byte* parameters, std::byte* gradients,
                  std::span<const bool> frozen = {})
            : graph_(g), offsets_(offsets), workspaces_(workspaces), parameters_(parameters), gradients_(gradients),
              scratch_(static_cast<std::size_t>(scratch_bytes)),
              persistent_(static_cast<std::size_t>(g.persistent_size) * size_of(type)),
              constants_(g.records.size() * sizeof(double)), inputs_(static_cast<std::size_t>(g.inputs)),
              values_(g.records.size()), operands_(g.operands.size()), rows_(g.bound)
        {
            for (std::size_t id = 0; id < g.records.size(); ++id)
                if (g.records[id].from == source::constant)
                    with_type(g.records[id].type,
                              [&](auto* null)
                              {
                                  using type = std::remove_pointer_t<decltype(null)>;
                                  new (constants_.data() + id * sizeof(double)) type(static_cast<type>(g.records[id].number));
                              });
            for (std::size_t id = 0; id < g.records.size(); ++id)
                if (g.records[id].from == source::statement)
                    (!frozen.empty() && frozen[id] ? frozen_ : statements_).push_back(static_cast<int>(id));
            for (std::size_t k = 0; k < g.operands.size(); ++k)
                if (g.records[static_cast<std::size_t>(root_of(g, g.operands[k]))].from == source::input)
                    input_operands_.push_back(static_cast<int>(k));
        }

        execution(execution&&) = default;

        /// Where an input lies in this run.
        void set_input(int index, const void* data)
        {
            auto* const bytes = const_cast<std::byte*>(static_cast<const std::byte*>(data));
            inputs_changed_ = inputs_changed_ || inputs_[static_cast<std::size_t>(index)] != bytes;
            inputs_[static_cast<std::size_t>(index)] = bytes;
        }

        /// How many rows of the bounded batch exist in this run.
        void set_rows(std::int32_t rows)
        {
            rows_changed_ = rows_changed_ || rows != rows_;
            rows_ = rows;
        }

        /// Runs the statements [first, last) of the list.
        void run(std::size_t first, std::size_t last, const kernel::random_state& random)
        {
            if (rows_changed_ || inputs_changed_)
                bind();
            for (std::size_t k = first; k < last; ++k)
                run_one(static_cast<std::size_t>(statements_[k]), random);
        }

        /// Runs straight code in place of the list.
        void run(void (*code)(const plan_memory&), const kernel::random_state& random)
        {
            if (rows_changed_)
                bind();
            code({scratch_.data(), parameters_, gradients_, persistent_.data(), inputs_.data(), &random});
        }

        /// Whether all rows of the largest batch exist in this run.
        bool is_full() const { return rows_ == graph_.bound; }

        /// Runs the statements that a frozen plan leaves out of the list.
        void run_frozen()
        {
            bind();
            for (const int id : frozen_)
                run_one(static_cast<std::size_t>(id), {});
            rows_changed_ = inputs_changed_ = true;
        }

        /// Shares the work of every run from now on with threads that outlive this.
        void use(const kernel::workers& threads) { threads_ = &threads; }

        std::size_t statements() const { return statements_.size(); }

        /// The place in the run order just behind the statement that makes a value.
        std::size_t after(int id) const
        {
            std::size_t k = 0;
            while (k < statements_.size() && statements_[k] <= id)
                ++k;
            return k;
        }

        /// Whether an address is in the memory that runs write to.
        bool works_in(const void* address) const
        {
            const auto* const at = static_cast<const std::byte*>(address);
            return std::less_equal{}(scratch_.data(), at) && std::less{}(at, scratch_.data() + scratch_.size());
        }

        /// A value as it lies in memory after a run.
        const kernel::tensor_ref& value(int id) const { return values_[static_cast<std::size_t>(id)]; }

        std::byte* persistent() { return persistent_.data(); }
        std::size_t scratch_bytes() const { return scratch_.size(); }
        std::int32_t rows() const { return rows_; }

    private:
        void run_one(std::size_t id, const kernel::random_state& random)
        {
            const record& line = graph_.records[id];
            kernel::call c;
            c.in = operands_.data() + line.first_operand;
            c.count = line.operand_count;
            c.out = values_[id];
            c.with = line.with;
            c.random = &random;
            c.rows = rows_;
            c.bound = graph_.bound;
            c.threads = threads_;
            if (workspaces_[id] >= 0)
                c.workspace = kernel::address(scratch_.data() + workspaces_[id]);
            line.op->forward(c);
        }

        std::byte* place(std::size_t id) const
        {
            const record& line = graph_.records[id];
            const auto at = static_cast<std::size_t>(line.offset) * size_of(line.type);
            switch (line.from)
            {
            case source::input:
                return inputs_[static_cast<std::size_t>(line.offset)];
            case source::constant:
                return const_cast<std::byte*>(constants_.data()) + id * sizeof(double);
            case source::parameter:
                return parameters_ + at;
            case source::gradient:
                return gradients_ + at;
            case source::persistent:
                return const_cast<std::byte*>(persistent_.data()) + at;
            case source::alias:
                return place(static_cast<std::size_t>(graph_.operands_of(static_cast<int>(id))[0])) + at;
            default:
                return line.target >= 0 ? place(static_cast<std::size_t>(line.target))
                                        : const_cast<std::byte*>(scratch_.data()) + offsets_[id];
            }
        }

        // Resolves addresses and extents: everything when the number of rows changes, else what refers to inputs.
        void bind()
        {
            if (rows_changed_)
                for (std::size_t id = 0; id < values_.size(); ++id)
                {
                    shape extents = graph_.records[id].extents;
                    if (extents.bounded)
                    {
                        extents.extent[0] = extents.extent[0] / graph_.bound * rows_;
                        extents.bounded = false;
                    }
                    values_[id] = {kernel::address(place(id)), extents};
                }
            if (rows_changed_)
                for (std::size_t k = 0; k < operands_.size(); ++k)
                    operands_[k] = values_[static_cast<std::size_t>(graph_.operands[k])];
            for (const int k : input_operands_)
            {
                const auto id = static_cast<std::size_t>(graph_.operands[static_cast<std::size_t>(k)]);
                operands_[static_cast<std::size_t>(k)].data = values_[id].data = kernel::address(place(id));
            }
            rows_changed_ = inputs_changed_ = false;
        }

        graph_view graph_;
        std::span<const std::int64_t> offsets_, workspaces_;
        std::byte *parameters_, *gradients_;
        buffer scratch_, persistent_, constants_;
        std::vector<std::byte*> inputs_;
        std::vector<kernel::tensor_ref> values_, operands_;
        std::vector<int> statements_, frozen_, input_operands_;
        const kernel::workers* threads_ = nullptr;
        std::int32_t rows_;
        bool rows_changed_ = true, inputs_changed_ = true;
    };
}
