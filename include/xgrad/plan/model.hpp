// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/parameter.hpp>
#include <xgrad/meta/leaves.hpp>
#include <xgrad/op/identity.hpp>

#include <array>
#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    /// Where a program's model comes from: its type, all members at their defaults.
    template <class Model>
    struct default_model
    {
        using model_type = Model;
        static constexpr Model value{};
    };

    /// Where a program's model comes from: a value, `classifier{.depth = 3}`.
    template <auto Model>
    struct model_value
    {
        using model_type = std::remove_cvref_t<decltype(Model)>;
        static constexpr model_type value = Model;
    };

    /// Ends a recording: writes what the model assigned to its states.
    template <element_type T>
    constexpr void record_state_writes(recorder& list)
    {
        using tree = apply<op::identity, leaf<T>>;
        for (const recorder::written& w : list.writes)
            list.add_assignment(&operation_of<tree, 0>, w.state, &w.value, 1);
    }

    namespace detail
    {
        /// Stands for a model that a static_assert has refused.
        template <class Model>
        struct refused_model
        {
            constexpr auto operator()(const auto&... inputs) const
            {
                using result = decltype(named(std::declval<const Model&>()(inputs...)));
                return refused<typename result::value_type, result::order>(list_of(inputs...), typename result::shape_type{});
            }
        };

        /// "hidden.weight", "blocks.0.bias": the paths of a model's parameters, then of its states, as they are recorded.
        template <class Source>
        std::vector<std::string> parameter_names()
        {
            if constexpr (std::is_void_v<Source>)
                return {};
            else
            {
                auto names = leaf_names<is_parameter, typename Source::model_type>();
                for (std::string& name : leaf_names<is_state, typename Source::model_type>())
                    names.push_back(std::move(name));
                return names;
            }
        }

        // all parameters and states lie in one buffer, so they have one type
        struct parameter_facts
        {
            int count = 0;
            bool equal = true;
            xgrad::element type = xgrad::element::f32;
        };

        template <class Model>
        constexpr parameter_facts parameters_in()
        {
            parameter_facts result;
            Model model{};
            for_each_leaf<is_parameter_or_state>(
                model,
                [&](auto& p)
                {
                    const xgrad::element type = xgrad::element_of<typename std::remove_cvref_t<decltype(p)>::value_type>;
                    result.equal = result.equal && (result.count == 0 || type == result.type);
                    result.type = type;
                    ++result.count;
                });
            return result;
        }

        template <class Source>
        inline constexpr auto parameters_of = parameters_in<typename Source::model_type>();
        template <>
        inline constexpr parameter_facts parameters_of<void>{};
    }

    /// One parameter or state of a model, and the place of its first element in the flat buffer.
    struct tensor_place
    {
        shape extents{};
        initializer initial{};
        bool trained = true;
        std::int64_t offset = 0;
    };

    /// What the compiler knows of a model's tensors, as a table: no code is made for each of them.
    template <class Source>
    struct model_layout
    {
        static constexpr auto facts = detail::parameters_of<Source>;
        static constexpr auto count = static_cast<std::size_t>(facts.count);

        /// The model; the ids of its parameters and states are their offsets.
        typename Source::model_type model = Source::value;
        /// In the order of the members.
        std::array<tensor_place, count> tensors{};
        /// Elements of the parameters, each beginning on a cache line; of the states, which lie behind them.
        std::int64_t size = 0, state_size = 0;
        /// Elements of the parameters alone.
        std::int64_t parameter_count = 0;

        constexpr model_layout()
        {
            tensor_place* to = tensors.data();
            for_each_leaf<is_parameter_or_state>(model,
                                                 [&]<class Leaf>(const Leaf& leaf)
                                                 {
                                                     to->extents = Leaf::shape_type::value;
                                                     to->initial = leaf.initial;
                                                     to++->trained = is_parameter<Leaf>::value;
                                                 });
            for (const bool trained : {true, false})
                for (tensor_place& tensor : tensors)
                    if (tensor.trained == trained)
                    {
                        tensor.offset = size + state_size;
                        (trained ? size : state_size) += recorder::padded(tensor.extents.size(), facts.type);
                        parameter_count += trained ? tensor.extents.size() : 0;
                    }
            const tensor_place* from = tensors.data();
            for_each_leaf<is_parameter_or_state>(model, [&](auto& leaf) { leaf.id = static_cast<int>(from++->offset); });
        }
    };

    template <class Source>
    inline constexpr model_layout<Source> layout_of{};

    /// The model with every parameter and then every state entered into a list, in the order of the members.
    template <class Source>
    constexpr auto bound_model(recorder& list)
    {
        constexpr const auto& layout = layout_of<Source>;
        std::array<int, layout.count> ids{};
        for (const bool trained : {true, false})
            for (std::size_t k = 0; k < layout.count; ++k)
                if (const tensor_place& tensor = layout.tensors[k]; tensor.trained == trained)
                    ids[k] = trained ? list.add_parameter(tensor.extents, layout.facts.type)
                                     : list.add_state(tensor.extents, layout.facts.type);
        auto model = Source::value;
        const int* id = ids.data();
        for_each_leaf<is_parameter_or_state>(model,
                                             [&](auto& leaf)
                                             {
                                                 leaf.list = &list;
                                                 leaf.id = *id++;
                                             });
        return model;
    }
}
