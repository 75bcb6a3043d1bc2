// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/program.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // One allocation of the right type for every value: what a constant expression can do instead of a plan.
        class constant_memory
        {
        public:
            constexpr explicit constant_memory(const graph_view& g) : graph_(g), values_(static_cast<int>(g.records.size()), {})
            {
            }
            constant_memory(const constant_memory&) = delete;
            constexpr ~constant_memory()
            {
                for (int id = 0; id < values_.size(); ++id)
                    if (graph_.records[static_cast<std::size_t>(id)].from != source::alias)
                        with_type(graph_.records[static_cast<std::size_t>(id)].type, [&](auto* null)
                                  { delete[] values_[id].data.template as<std::remove_pointer_t<decltype(null)>>(); });
            }

            constexpr void make(int id, const auto& fill)
            {
                const record& line = graph_.records[static_cast<std::size_t>(id)];
                with_type(line.type,
                          [&](auto* null)
                          {
                              using type = std::remove_pointer_t<decltype(null)>;
                              if (line.from == source::alias)
                                  values_[id].data = kernel::address(
                                      values_[graph_.operands_of(id)[0]].data.template as<type>() + line.offset);
                              else
                              {
                                  auto* data = new type[static_cast<std::size_t>(line.extents.size())]{};
                                  for (std::ptrdiff_t i = 0; i < line.extents.size(); ++i)
                                      data[i] = static_cast<type>(fill(i));
                                  values_[id].data = kernel::address(data);
                              }
                          });
                values_[id].extents = line.extents;
                values_[id].extents.bounded = false;
            }

            constexpr const kernel::tensor_ref& operator[](int id) const { return values_[id]; }

        private:
            graph_view graph_;
            list<kernel::tensor_ref> values_;
        };
    }

    /// Runs a function's graph in a constant expression, on the scalar reference code: parameters one after the other,
    /// inputs as arrays of their elements. Returns the elements of the (first) result.
    template <class Builder, class T, std::size_t Parameters, class... Input>
    constexpr auto evaluate_graph(const std::array<T, Parameters>& parameters, const Input&... inputs)
    {
        using result = std::tuple_element_t<0, results_of<Builder>>;
        constexpr const auto& graph = graph_of<Builder>;
        const graph_view g = graph.view();
        detail::constant_memory memory(g);
        std::size_t next_parameter = 0;
        for (int id = 0; id < static_cast<int>(g.records.size()); ++id)
        {
            const record& line = g.records[static_cast<std::size_t>(id)];
            memory.make(id,
                        [&](std::ptrdiff_t i) -> double
                        {
                            double value = line.number;
                            if (line.from == source::parameter)
                                value = static_cast<double>(parameters[next_parameter++]);
                            if (line.from == source::input)
                            {
                                std::int64_t index = 0;
                                ((index++ == line.offset
                                      ? static_cast<void>(value = static_cast<double>(inputs[static_cast<std::size_t>(i)]))
                                      : static_cast<void>(0)),
                                 ...);
                            }
                            return value;
                        });
            if (line.from != source::statement)
                continue;
            list<kernel::tensor_ref> operands;
            for (const int operand : g.operands_of(id))
                operands.push(memory[operand]);
            kernel::call c;
            c.in = operands.begin();
            c.count = operands.size();
            c.out = memory[id];
            c.with = line.with;
            c.rows = c.bound = g.bound;
            line.op->forward(c);
        }
        std::array<typename result::value_type, static_cast<std::size_t>(result::shape_type::value.size())> out{};
        const auto* from = memory[g.outputs[0]].data.template as<typename result::value_type>();
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = from[i];
        return out;
    }

    /// A model's result in a constant expression: `evaluate<model, input<float, 2>>(parameters, x)`.
    template <class Model, input_type... Inputs, class T, std::size_t Parameters>
    constexpr auto evaluate(const std::array<T, Parameters>& parameters, const auto&... inputs)
    {
        return evaluate_graph<function_builder<model_call, default_model<Model>, Inputs...>>(parameters, inputs...);
    }
}
