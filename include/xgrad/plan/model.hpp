// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/parameter.hpp>
#include <xgrad/meta/leaves.hpp>
#include <xgrad/op/identity.hpp>

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

    /// The model with every parameter and then every state entered into a list, in the order of the members.
    template <class Source>
    constexpr auto bound_model(recorder& list)
    {
        auto model = Source::value;
        for_each_leaf<is_parameter>(model,
                                    [&](auto& p)
                                    {
                                        using type = std::remove_cvref_t<decltype(p)>;
                                        p.list = &list;
                                        p.id =
                                            list.add_parameter(type::shape_type::value, element_of<typename type::value_type>);
                                    });
        for_each_leaf<is_state>(model,
                                [&](auto& s)
                                {
                                    using type = std::remove_cvref_t<decltype(s)>;
                                    s.list = &list;
                                    s.id = list.add_state(type::shape_type::value, element_of<typename type::value_type>);
                                });
        return model;
    }

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
}
