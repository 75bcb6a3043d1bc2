// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/execution.hpp>
#include <xgrad/plan/network.hpp>
#include <xgrad/plan/program.hpp>
#include <xgrad/tensor/input.hpp>

#include <cstring>

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
            (to.set_input(static_cast<int>(I), outside<Inputs>(to, data[I], rows, rooms_[I].data())), ...);
        }

        // what an earlier run of the same program returned lies where this run writes: it is copied first
        template <class Input>
        static const void* outside(const execution& of, const void* data, std::int32_t rows, std::byte* room)
        {
            if (!of.works_in(data))
                return data;
            constexpr shape form = Input::shape_type::value;
            const std::int64_t count = form.bounded ? form.size() / form[0] * rows : form.size();
            std::memcpy(room, data, static_cast<std::size_t>(count) * sizeof(typename Input::value_type));
            return room;
        }

        std::array<buffer, sizeof...(Inputs)> rooms_;
    };

    /// Asks a prediction to compute what depends on parameters alone only once, when it is made.
    struct frozen_t
    {
    };
    inline constexpr frozen_t frozen{};

    /// A compiled function of its inputs, and of the parameters of a network if it has one.
    template <class Builder, class... Inputs>
    class compiled_function
    {
    public:
        using result_types = results_of<Builder>;
        static constexpr const auto& graph = graph_of<Builder>;
        static constexpr const auto& plan = plan_of<Builder, is_frozen<Builder>>;

        explicit compiled_function(std::byte* parameters = nullptr, element type = element::f32)
            : execution_(graph.view(), plan.offset, plan.workspace, plan.bytes, type, parameters, nullptr, plan.frozen)
        {
            if constexpr (is_frozen<Builder>)
                execution_.run_frozen();
        }

        /// Of a frozen prediction: takes notice of parameters that have changed.
        void refresh()
            requires is_frozen<Builder>
        {
            execution_.run_frozen();
        }

        /// Shares the work of every run from now on with threads that outlive this.
        void use(const kernel::workers& threads)
            requires with_threads
        {
            execution_.use(threads);
        }

        /// The names of the model's parameters, in the order of its members.
        static std::vector<std::string> parameter_names() { return Builder::parameter_names(); }

        /// The result for these inputs, as an xtensor (or a tuple of them) in memory that the next call writes again.
        template <class... X>
        auto operator()(const X&... x)
        {
            static_assert(sizeof...(X) == sizeof...(Inputs), "xgrad: hand in as many tensors as inputs were declared");
            if constexpr (sizeof...(X) == sizeof...(Inputs))
                room_.hand_in(execution_, x...);
            run();
            if constexpr (std::tuple_size_v<result_types> == 1)
                return result<0>();
            else
                return [&]<std::size_t... I>(std::index_sequence<I...>)
                { return std::make_tuple(result<I>()...); }(std::make_index_sequence<std::tuple_size_v<result_types>>{});
        }

    private:
        void run()
        {
            if constexpr (unrolls(graph.view()))
                if (execution_.is_full())
                    return execution_.run(&unrolled<Builder, is_frozen<Builder>>::template run<0, graph.records.size()>, {});
            execution_.run(0, execution_.statements(), {});
        }

        template <std::size_t I>
        auto result() const
        {
            using node_type = std::tuple_element_t<I, result_types>;
            using type = typename node_type::value_type;
            const kernel::tensor_ref& out = execution_.value(graph.outputs[I]);
            return adapt<static_cast<std::size_t>(node_type::shape_type::value.rank)>(
                static_cast<const type*>(out.data.template as<type>()), out.extents);
        }

        execution execution_;
        input_room<Inputs...> room_;
    };

    /// Compiles a function without parameters: `auto f = compile<input<float, 3>>([](auto x) { return sum(x * x); });`
    template <input_type... Inputs, class Function>
    auto compile(Function)
    {
        static_assert(std::is_empty_v<Function> && std::is_default_constructible_v<Function>,
                      "xgrad::compile: the function must be an object without state, such as a lambda without captures: "
                      "the compiler runs it");
        return compiled_function<function_builder<detail::stateless<Function>, void, Inputs...>, Inputs...>();
    }

    /// Compiles a function of a network's model and of inputs: `compile<images, labels>(net, accuracy)`, where
    /// `accuracy(model, images, labels)` may return several results as a tuple. The network must live as long.
    template <input_type... Inputs, class Source, class Function>
    auto compile(basic_network<Source>& net, Function)
    {
        static_assert(std::is_empty_v<Function> && std::is_default_constructible_v<Function>,
                      "xgrad::compile: the function must be an object without state, such as a lambda without captures: "
                      "the compiler runs it");
        return compiled_function<function_builder<detail::stateless<Function>, Source, Inputs...>, Inputs...>(
            reinterpret_cast<std::byte*>(net.data()), basic_network<Source>::about.type);
    }

    /// Compiles a network's model for inputs of the given types: `auto predict = prediction<batch<64, float, 784>>(net);`
    /// The network must live as long.
    template <input_type... Inputs, class Source>
    auto prediction(basic_network<Source>& net)
    {
        return compile<Inputs...>(net, model_call{});
    }

    /// The same, frozen: what depends on parameters alone (scales of batch norms, transformed weights) is computed now and not
    /// in every run. After a change of the network, call `refresh()`.
    template <input_type... Inputs, class Source>
    auto prediction(basic_network<Source>& net, frozen_t)
    {
        return compiled_function<frozen_builder<model_call, Source, Inputs...>, Inputs...>(
            reinterpret_cast<std::byte*>(net.data()), basic_network<Source>::about.type);
    }
}
