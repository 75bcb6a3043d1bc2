// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/execution.hpp>
#include <xgrad/plan/network.hpp>
#include <xgrad/plan/program.hpp>
#include <xgrad/tensor/input.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Room for inputs that cannot be borrowed where they lie.
    template <class... Inputs>
    class input_room
    {
    public:
        input_room() : rooms_{buffer(Inputs::shape_type::value.size() * sizeof(typename Inputs::value_type))...} {}

        /// Checks every input, hands its address to the execution, and sets the number of rows.
        template <class... X>
        void hand_in(execution& to, const X&... x)
        {
            std::int32_t rows = 0;
            hand_in(to, rows, std::index_sequence_for<X...>{}, x...);
            if (rows != 0)
                to.set_rows(rows);
        }

    private:
        template <std::size_t... I, class... X>
        void hand_in(execution& to, std::int32_t& rows, std::index_sequence<I...>, const X&... x)
        {
            const std::array<const void*, sizeof...(X)> data{borrow<typename Inputs::value_type, typename Inputs::shape_type>(
                x, static_cast<int>(I), rows, rooms_[I].data())...};
            (to.set_input(static_cast<int>(I), data[I]), ...);
        }

        std::array<buffer, sizeof...(Inputs)> rooms_;
    };

    /// A model compiled for prediction over a network's parameters.
    template <class Network, class... Inputs>
    class prediction_program
    {
    public:
        using builder = prediction_builder<typename Network::source_type, Inputs...>;
        using result_type = typename builder::result;
        static constexpr const auto& graph = graph_of<builder>;
        static constexpr const auto& plan = plan_of<builder>;

        explicit prediction_program(Network& net)
            : execution_(graph.view(), plan.offset, plan.workspace, plan.bytes, Network::about.type,
                         reinterpret_cast<std::byte*>(net.data()), nullptr)
        {
        }

        /// The model's result for these inputs, as an xtensor in memory that the next call writes again.
        template <class... X>
        auto operator()(const X&... x)
        {
            static_assert(sizeof...(X) == sizeof...(Inputs),
                          "xgrad::prediction: hand in as many tensors as inputs were declared");
            room_.hand_in(execution_, x...);
            execution_.run(0, execution_.statements(), {});
            const kernel::tensor_ref& out = execution_.value(graph.outputs[0]);
            using shape_type = typename result_type::shape_type;
            using type = typename result_type::value_type;
            return adapt<static_cast<std::size_t>(shape_type::value.rank)>(
                static_cast<const type*>(out.data.template as<type>()), out.extents);
        }

    private:
        execution execution_;
        input_room<Inputs...> room_;
    };

    /// Compiles a network's model for inputs of the given types: `auto predict = prediction<batch<64, float, 784>>(net);`
    /// The network must live as long.
    template <input_type... Inputs, class Source>
    auto prediction(basic_network<Source>& net)
    {
        return prediction_program<basic_network<Source>, Inputs...>(net);
    }
}
