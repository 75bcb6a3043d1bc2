// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/call_arguments.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        /// The gradient of one of a call's results: it goes to its place in the gradient of all.
        template <element_type T>
        void output_gradient(gradient_pass& pass, int id)
        {
            recorder& list = pass.records;
            const int of = list.operands_of(id)[0];
            if (pass.arrived[of] < 0)
            {
                const int all = list.runs->unwritten(list[of].extents, element_of<T>);
                std::fill_n(list.runs->at(all).data.template as<T>(), list[of].extents.size(), T(0));
                pass.arrived[of] = all;
            }
            const kernel::tensor_ref g = list.runs->at(pass.arrived[id]);
            T* const to = list.runs->at(pass.arrived[of]).data.template as<T>() + list[id].offset;
            const T* const from = g.data.template as<T>();
            for (std::ptrdiff_t i = 0; i < g.extents.size(); ++i)
                to[i] += from[i];
        }

        template <element_type T, bool Gradients>
        consteval auto output_gradient_of() -> void (*)(gradient_pass&, int)
        {
            if constexpr (Gradients && std::is_floating_point_v<T>)
                return &output_gradient<T>;
            else
                return nullptr;
        }
        template <element_type T, bool Gradients>
        inline constexpr operation output_operation{
            nullptr, output_gradient_of<T, Gradients>(), nullptr, nullptr, "a result of %0", false};

        template <class Call, bool Gradients>
        consteval auto call_gradient_of() -> void (*)(gradient_pass&, int)
        {
            if constexpr (Gradients)
                return &call_program<Call, true>::gradient;
            else
                return nullptr;
        }
        template <class Call, bool Gradients>
        inline constexpr operation call_operation{&call_program<Call, Gradients>::compute,
                                                  call_gradient_of<Call, Gradients>(),
                                                  &call_program<Call, Gradients>::flops,
                                                  &call_program<Call, Gradients>::workspace,
                                                  "compiled(%*)",
                                                  false,
                                                  nullptr,
                                                  call_program<Call, Gradients>::graph.persistent_size};

        // the operands of a call on a tape, in order
        template <std::size_t Count>
        struct call_references
        {
            recorder* list = nullptr;
            std::array<reference, Count> held;
            std::size_t count = 0;

            void add(recorder* of, const auto& tree)
            {
                if (list && of != list)
                    throw error("xgrad::compiled: the model and the tensors of one call are on two tapes");
                list = of;
                if constexpr (std::is_base_of_v<reference, std::remove_cvref_t<decltype(tree)>>)
                    held[count] = tree;
                held[count++].id = tree.id;
            }
            template <class X>
            void add(const X& x)
            {
                if constexpr (holds_tensors<X>)
                    for_each_tensor(x,
                                    [&](const auto& each)
                                    {
                                        const auto value = in_memory(each);
                                        add(value.list, value.tree);
                                    });
                else
                    for_each_leaf<is_parameter_or_state>(model_of(x),
                                                         [&](const auto& leaf) { add(leaf.node().list, leaf.node().tree); });
            }
        };

        template <class X>
        constexpr auto first_element()
        {
            if constexpr (tensor<X>)
                return typename X::value_type{};
            else
                return []<class First, class... Rest>(type_list<First, Rest...>)
                { return first_element<First>(); }(part_list<X>{});
        }
        template <class T, class X>
        constexpr bool all_of_element()
        {
            if constexpr (tensor<X>)
                return std::is_same_v<T, typename X::value_type>;
            else
                return []<class... Part>(type_list<Part...>) { return (all_of_element<T, Part>() && ...); }(part_list<X>{});
        }

        template <class Call, bool Gradients, int Order, std::size_t Count>
        auto record_call(const call_references<Count>& operands)
        {
            using program = call_program<Call, Gradients>;
            using result_type = typename as_variable<typename Call::result_type, Order>::type;
            constexpr std::size_t outputs = program::graph.outputs.size();
            recorder* const list = operands.list;
            runner& tape = *list->runs;
            std::array<int, Count> ids;
            for (std::size_t k = 0; k < Count; ++k)
                ids[k] = operands.held[k].id;
            constexpr int count = static_cast<int>(Count);
            const kernel::attributes with{{program::graph.random_streams > 0 ? list->random_streams : 0, 0}};
            list->random_streams += program::graph.random_streams;
            const operation* const op = &call_operation<Call, Gradients>;
            if constexpr (outputs == 1)
                return made_of<result_type>(
                    [&]<class E>(E*)
                    {
                        using type = typename E::value_type;
                        const shape extents = tape.extents_of(E::shape_type::value, ids.data(), count);
                        return E{
                            held<type>(tape.held_statement(op, extents, element_of<type>, ids.data(), count, with)), list, {}};
                    });
            else
            {
                using type = decltype(first_element<result_type>());
                shape all;
                constexpr record last = program::graph.records[static_cast<std::size_t>(program::graph.outputs[outputs - 1])];
                all.append(last.offset + last.extents.size());
                tape.extents_of({}, ids.data(), count);
                const reference block(tape.held_statement(op, all, element_of<type>, ids.data(), count, with));
                int next = 0;
                const auto result = made_of<result_type>(
                    [&]<class E>(E*)
                    {
                        const shape extents = tape.extents_of(E::shape_type::value, ids.data(), count);
                        return E{held<type>(tape.held_alias(&output_operation<type, Gradients>, block.id, extents,
                                                            program::place(next++))),
                                 list,
                                 {}};
                    });
                for (; next < static_cast<int>(outputs); ++next)
                {
                    const record& state =
                        program::graph
                            .records[static_cast<std::size_t>(program::graph.outputs[static_cast<std::size_t>(next)])];
                    const reference value(
                        tape.held_alias(&output_operation<type, false>, block.id, state.extents, program::place(next)));
                    list->write_last(ids[static_cast<std::size_t>(state.number)], value.id);
                }
                return result;
            }
        }

        template <class X>
        constexpr int least_order()
        {
            if constexpr (tensor<X>)
                return expression_type<X>::order;
            else if constexpr (holds_tensors<X>)
                return []<class... Part>(type_list<Part...>) { return std::min({least_order<Part>()...}); }(part_list<X>{});
            else
                return 1;
        }

        template <class Function, class... Arguments, class First, class... X>
        auto call_on_tape(const First& first, const X&... x)
        {
            constexpr bool has_bound = has_bounds<First>() && (true && ... && has_bounds<X>());
            static_assert(has_bound,
                          "xgrad::compiled: memory is planned for a largest batch; hand in batch<Bound, ...> in place of "
                          "batch<any_rows, ...>");
            if constexpr (!has_bound)
                return first;
            else
            {
                using call = function_call<Function, Arguments...>;
                using result_type = typename call::result_type;
                constexpr bool one_type = all_of_element<decltype(first_element<result_type>()), result_type>();
                static_assert(one_type, "xgrad::compiled: all results of one call must have one element type");
                constexpr int order = std::min({1, least_order<First>(), least_order<X>()...});
                if constexpr (!one_type)
                    return typename as_variable<result_type, order>::type{};
                else
                {
                    call_references<call::operands.size()> operands;
                    operands.add(first);
                    (operands.add(x), ...);
                    if constexpr (order > 0)
                        if (operands.list->training)
                            return record_call<call, true, order>(operands);
                    return record_call<call, false, order>(operands);
                }
            }
        }

        template <class T>
        constexpr bool same_settings(const T& a, const T& b)
        {
            if constexpr (is_parameter_or_state<T>::value)
                return true;
            else if constexpr (aggregate<T>)
                return visit_members(
                    a, [&](const auto&... x)
                    { return visit_members(b, [&](const auto&... y) { return (true && ... && same_settings(x, y)); }); });
            else if constexpr (array<T>)
                return std::equal(std::begin(a), std::end(a), std::begin(b),
                                  [](const auto& x, const auto& y) { return same_settings(x, y); });
            else if constexpr (std::is_scalar_v<T>)
                return a == b;
            else
                return true;
        }
    }

    /// A function of tensors, and of models, that is one statement on a tape.
    template <class Function>
    struct compiled_statement
    {
        template <class... X>
        constexpr auto operator()(const X&... x) const
        {
            if constexpr ((detail::any_on_tape<X>() || ...))
                return detail::call_on_tape<Function, typename detail::argument_for<X, order>::type...>(x...);
            else
                return Function{}(x...);
        }

    private:
        static constexpr int order = 1 + derivatives_inside<Function>;
    };

    /// A model that is one statement on a tape.
    template <class Source>
    struct compiled_model
    {
        typename Source::model_type model;

        template <class... X>
        constexpr auto operator()(const X&... x) const
        {
            if constexpr ((detail::any_on_tape<X>() || ...))
                return detail::call_on_tape<model_call, detail::model_argument<Source>,
                                            typename detail::argument_for<X, 1>::type...>(model, x...);
            else
                return model(x...);
        }
    };

    /// A model, or a function without captures of tensors and models, that the compiler has recorded and planned with its
    /// gradient: called on a tape it is one statement, whatever its number of layers. What its gradient reads is kept in one
    /// block of the tape's memory. `auto cell = compiled(model.cell);`, then `state = cell(x, state);`. It can be
    /// differentiated once. Of a model whose settings are not its type's defaults: `compiled<settings>(model)`.
    template <class Model>
    constexpr auto compiled(const Model& model)
    {
        using type = std::remove_cvref_t<decltype(detail::model_of(model))>;
        if constexpr (std::is_empty_v<type>)
            return compiled_statement<type>{};
        else
        {
            static_assert(plain_model<type>,
                          "xgrad::compiled(f): f must be a model, or a function object without state, such as "
                          "a lambda without captures: the compiler runs it");
            if constexpr (plain_model<type>)
            {
                if (!detail::same_settings(detail::model_of(model), type{}))
                    throw error(
                        "xgrad::compiled(model): the model has settings that its type does not say; the compiler needs to "
                        "know them: compiled<settings>(model)");
                return compiled_model<default_model<type>>{detail::model_of(model)};
            }
            else
                return detail::model_of(model);
        }
    }
    template <auto Settings, class Model>
    constexpr auto compiled(const Model& model)
    {
        if (!detail::same_settings(detail::model_of(model), Settings))
            throw error("xgrad::compiled<settings>(model): the model has other settings");
        return compiled_model<model_value<Settings>>{detail::model_of(model)};
    }
}
