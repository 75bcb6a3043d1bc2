// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/identity.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/plan/plan.hpp>

/// A compiled function as one statement of a tape: its forward and backward statements in one list, its results and what
/// the backward ones read of the forward ones in one block, all else in memory that is shared between calls.
namespace xgrad::inline XGRAD_ABI
{
    /// A tensor that a call is given.
    struct call_operand
    {
        shape extents{};
        element type = element::f32;
        /// A parameter: what has arrived as its gradient is an operand of the backward statements, so that these add to it.
        bool trained = false;
        /// A model's state: no gradient goes there.
        bool state = false;
    };

    /// How a call's list numbers the addresses it is run with: operands, gradients of the results, gradients that operands
    /// have so far, and will have; the block that is kept; shared memory; constants.
    struct call_addresses
    {
        int operands, results;

        constexpr int seed(int result) const { return operands + result; }
        constexpr int before(int operand) const { return operands + results + operand; }
        constexpr int gradient(int operand) const { return 2 * operands + results + operand; }
        constexpr int kept() const { return 3 * operands + results; }
        constexpr int shared() const { return kept() + 1; }
        constexpr int constants() const { return kept() + 2; }
        constexpr int count() const { return kept() + 3; }
    };

    namespace detail
    {
        // Results and saved values, one after the other in the block.
        struct kept_block
        {
            recorder& list;
            xgrad::list<int> place_of; // of the statements before the backward ones
            std::int64_t bytes = 0;

            constexpr int add(shape extents, element type)
            {
                const int id = list.add({.extents = extents,
                                         .type = type,
                                         .from = source::persistent,
                                         .offset = bytes / static_cast<std::int64_t>(size_of(type))});
                bytes += memory_pool::rounded(list[id].bytes());
                return id;
            }
        };

        constexpr int root_in(const recorder& list, int id)
        {
            while (list[id].from == source::alias)
                id = list.operands_of(id)[0];
            return id;
        }

        constexpr void assign(recorder& list, int target, int id)
        {
            with_type(list[id].type,
                      [&](auto* null)
                      {
                          using tree = apply<op::identity, leaf<std::remove_pointer_t<decltype(null)>>>;
                          list.add_assignment(&operation_of<tree, 0>, target, &id, 1);
                      });
        }

        // the gradients of the operands go to their addresses
        constexpr void record_call_gradients(recorder& list, const call_operand* operands, const call_addresses& at,
                                             const xgrad::list<int>& results, int forward)
        {
            const int first_seed = list.records.size();
            const auto add = [&](shape extents, element type) // copies: the list grows
            { list.add({.extents = extents, .type = type, .from = source::input, .offset = list.inputs++}); };
            for (int k = 0; k < at.results; ++k)
                add(list[results[k]].extents, list[results[k]].type);
            for (int repeated = 0; repeated < 2; ++repeated)
                for (int j = 0; j < at.operands; ++j)
                    add(operands[j].extents, operands[j].type);
            gradient_pass pass{list, xgrad::list<int>(forward, -1), xgrad::list<char>(forward, 0)};
            xgrad::list<int> wanted;
            for (int j = 0; j < at.operands; ++j)
                if (is_floating(operands[j].type) && !operands[j].state)
                {
                    wanted.push(j);
                    if (operands[j].trained)
                        pass.arrived[j] = first_seed + at.results + j;
                }
            for (int k = 0; k < at.results; ++k)
                with_type(list[results[k]].type,
                          [&](auto* null)
                          {
                              using type = std::remove_pointer_t<decltype(null)>;
                              if constexpr (std::is_floating_point_v<type>)
                                  arrive<0>(pass, leaf<type>{results[k]},
                                            internal<0>(&list, leaf<type>{first_seed + k}, list[results[k]].extents));
                          });
            walk_back(pass, forward - 1, wanted);
            for (const int j : wanted)
            {
                const int id = pass.arrived[j], target = first_seed + at.results + at.operands + j;
                if (id < 0 || (operands[j].trained && id == first_seed + at.results + j))
                    continue;
                if (id > target && list[id].from == source::statement && list[id].target < 0)
                    list[id].target = target;
                else
                    assign(list, target, id);
            }
        }

        // what the backward statements that write a gradient read of the forward ones
        constexpr void keep_what_is_read(recorder& list, kept_block& block, int forward)
        {
            const int count = list.records.size();
            xgrad::list<char> live(count, 0);
            for (int id = count - 1; id >= forward; --id)
            {
                live[id] = live[id] || list[id].target >= 0;
                for (int k = 0; live[id] && k < list[id].operand_count; ++k)
                    live[list.operands_of(id)[k]] = 1;
            }
            for (int id = count - 1; id >= 0; --id) // forward aliases pass it on
                if (live[id] && list[id].from == source::alias)
                    live[list.operands_of(id)[0]] = 1;
            for (int id = 0; id < forward; ++id)
                if (live[id] && list[id].from == source::statement && list[id].target < 0 && block.place_of[id] < 0)
                    block.place_of[id] = block.add(list[id].extents, list[id].type);
        }
    }

    /// Finishes the list of a call that has recorded its operands and results: gives results a place in the block, adds
    /// the backward statements, and keeps what they read. The outputs are the places of the results and of
    /// new states, whose `number` is the state's among the operands.
    constexpr void finish_call(recording& r, const call_operand* operands, int operand_count, const list<int>& results,
                               bool gradients)
    {
        recorder& list = r.list;
        detail::kept_block block{list, xgrad::list<int>(list.records.size(), -1)};
        const auto place = [&](int id)
        {
            const int root = detail::root_in(list, id);
            const bool whole = list[root].from == source::statement && list[root].bytes() == list[id].bytes();
            const int to = block.add(list[id].extents, list[id].type);
            if (whole && block.place_of[root] < 0)
                block.place_of[root] = to;
            else
                detail::assign(list, to, id);
            r.outputs.push(to);
            return to;
        };
        for (const int id : results)
            place(id);
        for (const recorder::written& w : list.writes)
            list[place(w.value)].number = w.state;
        const int recorded = block.place_of.size(), forward = list.records.size();
        while (block.place_of.size() < forward)
            block.place_of.push(-1);
        if (gradients)
        {
            detail::record_call_gradients(list, operands, {operand_count, results.size()}, results, forward);
            detail::keep_what_is_read(list, block, forward);
        }
        for (int id = 0; id < recorded; ++id)
            if (block.place_of[id] >= 0)
                list[id].target = block.place_of[id];
        list.persistent_size = block.bytes;
    }
}
