// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/call_list.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace xgrad::inline XGRAD_ABI
{
    /// Where a value of a call's list lies: an address, and bytes behind it.
    struct call_place
    {
        std::int32_t address = 0;
        std::int64_t offset = 0;
    };

    /// What a run of a call's statements needs besides the addresses.
    struct call_tables
    {
        graph_view graph;
        std::span<const call_place> places;
        std::span<const std::int64_t> workspaces;
        /// Bits of the operands whose gradients a statement serves.
        std::span<const std::uint64_t> serves;
    };

    namespace detail
    {
        template <int Records>
        constexpr std::array<call_place, Records> call_places(const graph_view& g, const std::int64_t* scratch,
                                                              const call_addresses& at)
        {
            std::array<call_place, Records> result{};
            for (std::size_t id = 0; id < static_cast<std::size_t>(Records); ++id)
            {
                const record& line = g.records[id];
                const auto place_of = [&](const record& r) -> call_place
                {
                    const auto bytes = r.offset * static_cast<std::int64_t>(size_of(r.type));
                    return r.from == source::input ? call_place{static_cast<std::int32_t>(r.offset), 0}
                                                   : call_place{at.kept(), bytes};
                };
                if (line.from == source::alias)
                {
                    result[id] = result[static_cast<std::size_t>(g.operands_of(static_cast<int>(id))[0])];
                    result[id].offset += line.offset * static_cast<std::int64_t>(size_of(line.type));
                }
                else if (line.from == source::constant)
                    result[id] = {at.constants(), static_cast<std::int64_t>(id * sizeof(double))};
                else if (line.from == source::statement && line.target < 0)
                    result[id] = {at.shared(), scratch[id]};
                else
                    result[id] =
                        place_of(line.from == source::statement ? g.records[static_cast<std::size_t>(line.target)] : line);
            }
            return result;
        }

        constexpr std::uint64_t operand_bit(int operand) { return std::uint64_t{1} << (operand < 63 ? operand : 63); }

        template <int Records>
        constexpr std::array<std::uint64_t, Records> call_services(const graph_view& g, const call_addresses& at)
        {
            std::array<std::uint64_t, Records> result{};
            for (int id = Records - 1; id >= 0; --id)
            {
                const record& line = g.records[static_cast<std::size_t>(id)];
                if (line.target >= 0)
                    if (const record& to = g.records[static_cast<std::size_t>(line.target)]; to.from == source::input)
                        result[static_cast<std::size_t>(id)] |= operand_bit(static_cast<int>(to.offset) - at.gradient(0));
                for (const int operand : g.operands_of(id))
                    result[static_cast<std::size_t>(operand)] |= result[static_cast<std::size_t>(id)];
            }
            return result;
        }

        template <int Records>
        constexpr auto call_constants(const graph_view& g)
        {
            std::array<std::array<unsigned char, sizeof(double)>, Records> result{};
            for (std::size_t id = 0; id < static_cast<std::size_t>(Records); ++id)
                if (g.records[id].from == source::constant)
                    with_type(g.records[id].type,
                              [&](auto* null)
                              {
                                  using type = std::remove_pointer_t<decltype(null)>;
                                  const auto bytes = std::bit_cast<std::array<unsigned char, sizeof(type)>>(
                                      static_cast<type>(g.records[id].number));
                                  std::copy(bytes.begin(), bytes.end(), result[id].begin());
                              });
            return result;
        }

        constexpr int most_operands(const graph_view& g)
        {
            int most = 1;
            for (const record& line : g.records)
                most = line.operand_count > most ? line.operand_count : most;
            return most;
        }
    }

    /// Runs the statements [first, last) of a call that serve one of the operands asked for; `in` has room for the operands
    /// of each.
    inline void run_call(const call_tables& tables, int first, int last, std::uint64_t asked, std::byte* const* addresses,
                         int shared, kernel::tensor_ref* in, std::int32_t rows, const kernel::random_state& random)
    {
        const graph_view& g = tables.graph;
        const auto ref = [&](int id)
        {
            const call_place& at = tables.places[static_cast<std::size_t>(id)];
            shape extents = g.records[static_cast<std::size_t>(id)].extents;
            if (extents.bounded)
            {
                extents.extent[0] = extents.extent[0] / g.bound * rows;
                extents.bounded = false;
            }
            return kernel::tensor_ref{kernel::address(addresses[at.address] + at.offset), extents};
        };
        for (int id = first; id < last; ++id)
        {
            const record& line = g.records[static_cast<std::size_t>(id)];
            if (line.from != source::statement || (asked && !(tables.serves[static_cast<std::size_t>(id)] & asked)))
                continue;
            const int* const ids = g.operands.data() + line.first_operand;
            for (int k = 0; k < line.operand_count; ++k)
                in[k] = ref(ids[k]);
            kernel::call c;
            c.in = in;
            c.count = line.operand_count;
            c.out = ref(id);
            c.with = line.with;
            c.random = &random;
            c.rows = rows;
            c.bound = g.bound;
            if (const std::int64_t at = tables.workspaces[static_cast<std::size_t>(id)]; at >= 0)
                c.workspace = kernel::address(addresses[shared] + at);
            line.op->forward(c);
        }
    }

    /// The list of a call. `Call` has operands, an array of call_operand; results, their number; and
    /// record(list, results), which records the function of the first values of the list and appends its results.
    template <class Call, bool Gradients>
    struct call_builder
    {
        static constexpr int parameter_count = static_cast<int>(Call::operands.size());

        static constexpr recording build()
        {
            recording r;
            r.list.training = Gradients;
            for (const call_operand& operand : Call::operands)
                r.list.add_input(operand.extents, operand.type);
            list<int> results;
            Call::record(r.list, results);
            finish_call(r, Call::operands.data(), parameter_count, results, Gradients);
            return r;
        }
    };

    /// The tables of a call, made while compiling, and the functions that a tape's statement has.
    template <class Call, bool Gradients>
    struct call_program
    {
        using builder = call_builder<Call, Gradients>;
        static constexpr int operands = static_cast<int>(Call::operands.size());
        static constexpr call_addresses at{operands, Call::results};
        static constexpr const auto& graph = graph_of<builder>;
        static constexpr const auto& plan = plan_of<builder>;
        static constexpr int records = static_cast<int>(graph.records.size());
        static constexpr auto places = detail::call_places<records>(graph.view(), plan.offset.data(), at);
        static constexpr auto serves = detail::call_services<records>(graph.view(), at);
        static constexpr auto constants = detail::call_constants<records>(graph.view());
        /// The statements before it are forward.
        static constexpr int forward = []
        {
            int id = 0;
            while (id < records && !(graph.records[static_cast<std::size_t>(id)].from == source::input &&
                                     graph.records[static_cast<std::size_t>(id)].offset == operands))
                ++id;
            return id;
        }();

        /// Elements of a result's type between the beginning of the block and a result, or a new state.
        static constexpr std::int64_t place(int result)
        {
            return graph.records[static_cast<std::size_t>(graph.outputs[static_cast<std::size_t>(result)])].offset;
        }

        static void compute(const kernel::call& c)
        {
            std::array<std::byte*, static_cast<std::size_t>(at.count())> addresses{};
            for (int j = 0; j < operands; ++j)
                addresses[static_cast<std::size_t>(j)] = bytes(c.in[j]);
            run(addresses, 0, forward, 0, bytes(c.out), c.workspace, rows_of(c.in), c.random, c.with.value[0]);
        }

        static std::int64_t workspace(const signature&) { return plan.bytes; }
        static std::int64_t flops(const signature&) { return 0; }

        /// The gradient of a statement on a tape: runs the backward statements at once.
        static void gradient(gradient_pass& pass, int id)
        {
            recorder& list = pass.records;
            runner& tape = *list.runs;
            std::array<int, operands> ids;
            std::copy_n(list.operands_of(id), operands, ids.begin());
            const auto repeated = [&](int j)
            { return std::find(ids.begin(), ids.begin() + j, ids[static_cast<std::size_t>(j)]) != ids.begin() + j; };
            std::array<std::byte*, static_cast<std::size_t>(at.count())> addresses{};
            std::array<int, operands> found;
            std::array<kernel::tensor_ref, operands> in;
            std::uint64_t asked = 0;
            for (int j = 0; j < operands; ++j)
            {
                const auto k = static_cast<std::size_t>(j);
                in[k] = tape.at(ids[k]);
                addresses[k] = bytes(in[k]);
                found[k] = -1;
                if (pass.needed[ids[k]] && gradient_serves[k] != 0)
                    asked |= detail::operand_bit(j);
            }
            if (asked == 0)
                return;
            for (int j = 0; j < operands; ++j)
            {
                const auto k = static_cast<std::size_t>(j);
                if (!(gradient_serves[k] & asked))
                    continue;
                const std::size_t size = static_cast<std::size_t>(in[k].extents.size()) * size_of(Call::operands[k].type);
                if (Call::operands[k].trained)
                {
                    int before = repeated(j) ? -1 : pass.arrived[ids[k]];
                    if (before < 0)
                    {
                        before = tape.unwritten(in[k].extents, Call::operands[k].type);
                        std::memset(bytes(tape.at(before)), 0, size);
                    }
                    addresses[static_cast<std::size_t>(at.before(j))] = bytes(tape.at(before));
                }
                found[k] = tape.unwritten(in[k].extents, Call::operands[k].type);
                addresses[static_cast<std::size_t>(at.gradient(j))] = bytes(tape.at(found[k]));
            }
            std::byte* const seeds = bytes(tape.at(pass.arrived[id]));
            for (int k = 0; k < Call::results; ++k)
                addresses[static_cast<std::size_t>(at.seed(k))] =
                    seeds + (Call::results > 1 ? place(k) * static_cast<std::int64_t>(size_of(list[id].type)) : 0);
            run(addresses, forward, records, asked, bytes(tape.at(id)), tape.room(plan.bytes), rows_of(in.data()),
                &tape.random_numbers(), list[id].with.value[0]);
            for (int j = 0; j < operands; ++j)
            {
                const auto k = static_cast<std::size_t>(j);
                if (found[k] < 0 || !pass.needed[ids[k]])
                    continue;
                tape.is_written(found[k], ids[k]);
                if (Call::operands[k].trained && !repeated(j))
                    pass.arrived[ids[k]] = found[k];
                else
                    with_type(Call::operands[k].type,
                              [&](auto* null)
                              {
                                  using type = std::remove_pointer_t<decltype(null)>;
                                  if constexpr (std::is_floating_point_v<type>)
                                      detail::arrive<0>(pass, leaf<type>{ids[k]},
                                                        detail::internal<0>(&list, leaf<type>{found[k]}, in[k].extents));
                              });
            }
        }

    private:
        // bits of the operands for which the statement runs that writes an operand's gradient
        static constexpr auto gradient_serves = []
        {
            std::array<std::uint64_t, operands> result{};
            for (std::size_t id = 0; id < static_cast<std::size_t>(records); ++id)
                if (const int target = graph.records[id].target; target >= 0)
                    if (const record& to = graph.records[static_cast<std::size_t>(target)]; to.from == source::input)
                        result[static_cast<std::size_t>(to.offset - at.gradient(0))] = serves[id];
            return result;
        }();

        static std::byte* bytes(const kernel::tensor_ref& x)
        {
            return reinterpret_cast<std::byte*>(x.data.template as<std::uint8_t>());
        }
        static std::int32_t rows_of(const kernel::tensor_ref* in)
        {
            for (std::size_t j = 0; j < Call::operands.size(); ++j)
                if (const shape& form = Call::operands[j].extents; form.bounded)
                    return in[j].extents.extent[0] * graph.bound / form.extent[0];
            return graph.bound;
        }

        static void run(auto& addresses, int first, int last, std::uint64_t asked, std::byte* kept, kernel::address shared,
                        std::int32_t rows, const kernel::random_state* random, std::int64_t stream)
        {
            addresses[static_cast<std::size_t>(at.kept())] = kept;
            addresses[static_cast<std::size_t>(at.shared())] = reinterpret_cast<std::byte*>(shared.template as<std::uint8_t>());
            addresses[static_cast<std::size_t>(at.constants())] =
                reinterpret_cast<std::byte*>(const_cast<unsigned char*>(constants.data()->data()));
            std::array<kernel::tensor_ref, static_cast<std::size_t>(detail::most_operands(graph.view()))> in;
            kernel::random_state numbers = random ? *random : kernel::random_state{};
            numbers.first_stream = stream;
            run_call({graph.view(), places, plan.workspace, serves}, first, last, asked, addresses.data(), at.shared(),
                     in.data(), rows, numbers);
        }
    };
}
