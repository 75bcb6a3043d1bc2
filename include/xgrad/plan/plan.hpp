// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/graph.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Where every value of a graph lives: byte offsets into one scratch buffer, found from lifetimes.
    template <int Records>
    struct memory_plan
    {
        /// Offset of a statement's result, -1 if it is not in scratch memory.
        std::array<std::int64_t, Records> offset{};
        /// Offset of a statement's workspace.
        std::array<std::int64_t, Records> workspace{};
        /// Of a frozen plan, the statements that depend on parameters alone: they run once, and keep their memory.
        std::array<bool, Records> frozen{};
        /// Bytes of scratch memory.
        std::int64_t bytes = 0;
        /// The most bytes that are alive at once: no plan can need less.
        std::int64_t largest_live = 0;
    };

    namespace detail
    {
        // Free and taken memory while a plan is made: gaps sorted by offset, and a top that grows.
        class memory_pool
        {
        public:
            std::int64_t top = 0, live = 0, largest_live = 0;

            static constexpr std::int64_t rounded(std::int64_t bytes)
            {
                constexpr auto line = static_cast<std::int64_t>(alignment);
                return (bytes + line - 1) / line * line;
            }

            constexpr std::int64_t take(std::int64_t bytes)
            {
                bytes = rounded(bytes);
                live += bytes;
                largest_live = live > largest_live ? live : largest_live;
                int best = -1;
                for (int k = 0; k < gaps_.size(); ++k)
                    if (gaps_[k].size >= bytes && (best < 0 || gaps_[k].size < gaps_[best].size))
                        best = k;
                if (best < 0)
                {
                    // the last gap may touch the top and be extended
                    const int last = gaps_.size() - 1;
                    if (last >= 0 && gaps_[last].begin + gaps_[last].size == top)
                    {
                        const std::int64_t begin = gaps_[last].begin;
                        gaps_.erase(last);
                        top = begin + bytes;
                        return begin;
                    }
                    top += bytes;
                    return top - bytes;
                }
                const std::int64_t begin = gaps_[best].begin;
                gaps_[best].begin += bytes;
                gaps_[best].size -= bytes;
                if (gaps_[best].size == 0)
                    gaps_.erase(best);
                return begin;
            }

            constexpr void give_back(std::int64_t begin, std::int64_t bytes)
            {
                bytes = rounded(bytes);
                live -= bytes;
                if (bytes == 0)
                    return;
                int at = 0;
                while (at < gaps_.size() && gaps_[at].begin < begin)
                    ++at;
                const bool joins_before = at > 0 && gaps_[at - 1].begin + gaps_[at - 1].size == begin;
                const bool joins_after = at < gaps_.size() && begin + bytes == gaps_[at].begin;
                if (joins_before && joins_after)
                {
                    gaps_[at - 1].size += bytes + gaps_[at].size;
                    gaps_.erase(at);
                }
                else if (joins_before)
                    gaps_[at - 1].size += bytes;
                else if (joins_after)
                {
                    gaps_[at].begin = begin;
                    gaps_[at].size += bytes;
                }
                else
                    gaps_.insert(at, {begin, bytes});
            }

        private:
            struct gap
            {
                std::int64_t begin, size;
            };
            list<gap> gaps_;
        };
    }

    /// The value whose memory an alias shares: itself, if it is none.
    constexpr int root_of(const graph_view& g, int id)
    {
        while (g.records[static_cast<std::size_t>(id)].from == source::alias)
            id = g.operands_of(id)[0];
        return id;
    }

    namespace detail
    {
        /// Marks the statements whose operands are parameters that nothing writes, constants, or such statements.
        constexpr void mark_frozen(const graph_view& g, bool* frozen)
        {
            const int count = static_cast<int>(g.records.size());
            list<char> fixed(count, 0);
            for (int id = 0; id < count; ++id)
                fixed[id] = g.records[id].from == source::parameter || g.records[id].from == source::constant;
            for (int id = 0; id < count; ++id)
                if (g.records[id].target >= 0)
                    fixed[g.records[id].target] = 0;
            for (int id = 0; id < count; ++id)
            {
                const record& line = g.records[id];
                if ((line.from != source::statement && line.from != source::alias) || line.operand_count == 0 ||
                    line.target >= 0)
                    continue;
                fixed[id] = 1;
                for (int k = 0; k < line.operand_count; ++k)
                    fixed[id] = fixed[id] && fixed[g.operands[line.first_operand + k]];
                frozen[id] = fixed[id] && line.from == source::statement;
            }
        }
    }

    /// Plans a graph: buffers whose lives do not overlap share memory, best fit first; an elementwise statement writes
    /// over an operand of its own shape whose life ends with it.
    template <int Records>
    constexpr memory_plan<Records> make_plan(const graph_view& g, bool freeze = false)
    {
        memory_plan<Records> plan;
        if (freeze)
            detail::mark_frozen(g, plan.frozen.data());
        const int count = Records;
        const record* const records = g.records.data(); // plain pointers: the compiler evaluates them twice as fast
        const int* const all_operands = g.operands.data();
        std::int64_t* const offset = plan.offset.data();
        list<int> last_use(count, -1), root(count, 0);
        for (int id = 0; id < count; ++id)
        {
            const record& line = records[id];
            const int* const operands = all_operands + line.first_operand;
            root[id] = line.from == source::alias ? root[operands[0]] : id;
            if (line.from == source::statement)
                for (int k = 0; k < line.operand_count; ++k)
                    last_use[root[operands[k]]] = id;
        }
        for (const int id : g.outputs)
            last_use[root[id]] = count;

        // whether the operand's buffer may become the result's: nothing else that is read lies in it
        const auto may_overwrite = [&](const record& line, int operand, int id)
        {
            const record& from = records[operand];
            if (operand != root[operand] || last_use[operand] != id || offset[operand] < 0 || !(from.extents == line.extents) ||
                size_of(from.type) != size_of(line.type))
                return false;
            for (int k = 0; k < line.operand_count; ++k)
                if (const int other = all_operands[line.first_operand + k]; other != operand && root[other] == operand)
                    return false;
            return true;
        };

        detail::memory_pool pool;
        for (int id = 0; id < count; ++id)
            if (plan.frozen[static_cast<std::size_t>(id)]) // first, so that what runs every time writes elsewhere
            {
                offset[id] = pool.take(records[id].bytes());
                last_use[id] = count + 1;
            }
        for (int id = 0; id < count; ++id)
        {
            const record& line = records[id];
            const bool placed = plan.frozen[static_cast<std::size_t>(id)];
            plan.workspace[static_cast<std::size_t>(id)] = -1;
            if (!placed)
                offset[id] = -1;
            if (line.from != source::statement)
                continue;
            const int* const operands = all_operands + line.first_operand;
            if (line.target < 0 && !placed)
            {
                int reused = -1;
                if (line.op->in_place)
                    for (int k = 0; k < line.operand_count; ++k)
                        // the lowest place, so that free memory gathers at the top
                        if (may_overwrite(line, operands[k], id) && (reused < 0 || offset[operands[k]] < offset[reused]))
                            reused = operands[k];
                offset[id] = reused >= 0 ? offset[reused] : pool.take(line.bytes());
                if (reused >= 0)
                    last_use[reused] = count + 1; // its memory lives on under another name
            }
            const std::int64_t workspace =
                line.op->workspace ? line.op->workspace({records, operands, line.extents, line.with}) : 0;
            if (workspace > 0)
            {
                const std::int64_t at = pool.take(workspace);
                plan.workspace[static_cast<std::size_t>(id)] = at;
                pool.give_back(at, workspace);
            }
            for (int k = 0; k < line.operand_count; ++k)
                if (const int of = root[operands[k]]; last_use[of] == id && offset[of] >= 0)
                {
                    pool.give_back(offset[of], records[of].bytes());
                    last_use[of] = count + 1;
                }
            if (line.target < 0 && last_use[id] < 0) // nobody reads it
                pool.give_back(offset[id], line.bytes());
        }
        plan.bytes = pool.top;
        plan.largest_live = pool.largest_live;
        return plan;
    }

    /// The plan of the graph that `Builder` records, made while compiling.
    template <class Builder, bool Frozen = false>
    inline constexpr auto plan_of =
        make_plan<static_cast<int>(graph_of<Builder>.records.size())>(graph_of<Builder>.view(), Frozen);
}
