// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/identity.hpp>
#include <xgrad/plan/model.hpp>
#include <xgrad/plan/plan.hpp>

#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    /// A tensor handed in with every run: `input<float, 28, 28>`.
    template <element_type T, std::ptrdiff_t... Extents>
    struct input
    {
        using value_type = T;
        using shape_type = extents<Extents...>;
    };

    /// A batch handed in with every run, of 1 to Bound items: `batch<64, float, 784>`; `batch<64, std::int32_t>` are labels.
    template <std::ptrdiff_t Bound, element_type T, std::ptrdiff_t... Extents>
    struct batch
    {
        using value_type = T;
        using shape_type = at_most<Bound, Extents...>;
    };

    /// Something that says what is handed in: an `input` or a `batch`.
    template <class X>
    concept input_type = requires {
        typename X::value_type;
        requires static_shape<typename X::shape_type>;
    };

    /// The symbolic value of an input, added to a list.
    template <input_type Input, int Order>
    constexpr auto input_node(recorder& list)
    {
        using type = typename Input::value_type;
        using form = typename Input::shape_type;
        return node<type, form, Order>{{list.add_input(form::value, element_of<type>)}, &list, {}};
    }

    /// How deep a function takes gradients itself: 0, or its member `derivatives`.
    template <class Function>
    inline constexpr int derivatives_inside = []
    {
        if constexpr (requires { Function::derivatives; })
            return Function::derivatives;
        else
            return 0;
    }();

    namespace detail
    {
        template <class T>
        inline constexpr bool is_tuple = false;
        template <class... T>
        inline constexpr bool is_tuple<std::tuple<T...>> = true;

        /// Results as a tuple of nodes: a function returns one expression or a tuple of them.
        constexpr auto named_results(const auto& result)
        {
            if constexpr (is_tuple<std::remove_cvref_t<decltype(result)>>)
                return std::apply([](const auto&... each) { return std::make_tuple(in_memory(each)...); }, result);
            else
                return std::make_tuple(in_memory(result));
        }
    }

    namespace detail
    {
        /// Stands for a function that a static_assert has refused.
        template <class T>
        struct refused_function
        {
            constexpr auto operator()(const auto&... arguments) const
            {
                return refused<T, 1>(list_of(arguments...), extents<>{});
            }
        };

        template <class Function, class T = float>
        using stateless = std::conditional_t<std::is_empty_v<Function> && std::is_default_constructible_v<Function>, Function,
                                             refused_function<T>>;
    }

    /// Stands for a model's own call.
    struct model_call
    {
        constexpr auto operator()(const auto& model, auto... inputs) const { return model(inputs...); }
    };

    /// Records a function of the inputs, or of a model and the inputs if Source is not void.
    template <class Function, class Source, class... Inputs>
    struct function_builder
    {
        static constexpr int order = derivatives_inside<Function>;
        static constexpr int parameter_count = detail::parameters_of<Source>.count;

        static constexpr auto results(recorder& list)
        {
            constexpr auto all = std::make_index_sequence<sizeof...(Inputs)>{};
            if constexpr (std::is_void_v<Source>)
                return in_order(list, all);
            else
                return in_order(list, all, bound_model<Source>(list));
        }

        static std::vector<std::string> parameter_names() { return detail::parameter_names<Source>(); }

        static constexpr recording build(bool frozen = false)
        {
            recording r;
            r.list.frozen = frozen;
            std::apply([&](const auto&... each)
                       { (r.outputs.push(outside_inputs<decltype(each)>(r.list, each.tree.id)), ...); }, results(r.list));
            if constexpr (!std::is_void_v<Source>)
                with_type(detail::parameters_of<Source>.type,
                          [&](auto* null) { record_state_writes<std::remove_pointer_t<decltype(null)>>(r.list); });
            return r;
        }

    private:
        // an input, or a part of one, is copied: the caller's memory may be gone when the result is read
        template <class Node>
        static constexpr int outside_inputs(recorder& list, int id)
        {
            using tree = apply<op::identity, leaf<typename std::remove_cvref_t<Node>::value_type>>;
            int root = id;
            while (list[root].from == source::alias)
                root = list.operands_of(root)[0];
            const record of = list[id];
            return list[root].from == source::input
                       ? list.add_statement(&operation_of<tree, 0>, of.extents, of.type, &id, 1, {})
                       : id;
        }

        template <std::size_t... I>
        static constexpr auto in_order(recorder& list, std::index_sequence<I...>, const auto&... model)
        {
            // inputs are added from left to right; a braced list guarantees the order that a call does not
            const std::tuple<decltype(input_node<Inputs, order>(list))...> inputs{input_node<Inputs, order>(list)...};
            return detail::named_results(Function{}(model..., std::get<I>(inputs)...));
        }
    };

    /// Records for a frozen prediction.
    template <class Function, class Source, class... Inputs>
    struct frozen_builder : function_builder<Function, Source, Inputs...>
    {
        static constexpr recording build() { return function_builder<Function, Source, Inputs...>::build(true); }
    };
    template <class>
    inline constexpr bool is_frozen = false;
    template <class... Types>
    inline constexpr bool is_frozen<frozen_builder<Types...>> = true;

    /// The nodes that a builder's function returns, as a tuple.
    template <class Builder>
    using results_of = decltype(Builder::results(std::declval<recorder&>()));
}
