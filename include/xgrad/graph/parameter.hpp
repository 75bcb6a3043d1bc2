// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/compose.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// How a parameter starts: a distribution and its scale. A layer sets it, a model may say otherwise:
    /// `linear<4, 2> head{.weight = {zeros}};`
    struct initializer
    {
        enum kind
        {
            constant,
            normal,
            uniform
        } distribution = constant;
        /// The constant; the standard deviation of the normal distribution; half the width of the uniform one.
        double scale = 0;

        friend constexpr bool operator==(const initializer&, const initializer&) = default;
    };

    /// A trained tensor of a model: plain data, bound to its place while a graph is recorded or a network is built.
    template <element_type T, static_shape Shape>
    struct parameter
    {
        using value_type = T;
        using shape_type = Shape;

        initializer initial{};
        recorder* list = nullptr;
        int id = -1;

        /// The value that expressions read; gradients of gradients are the most that a network is asked for.
        constexpr auto node() const
        {
            if (!list)
                throw error("xgrad: this parameter belongs to no network: build one with network<model>(seed), and keep "
                            "parameters in plain aggregates and arrays, where a network sees them");
            return xgrad::node<T, Shape, 2>{{id}, list, {}};
        }
    };

    /// A tensor of a model that is not trained, such as a running mean. What is assigned to it is written when the run
    /// is over; until then it reads as it was before. In a training step whose loss is refused it keeps its value.
    template <element_type T, static_shape Shape>
    struct state
    {
        using value_type = T;
        using shape_type = Shape;

        initializer initial{};
        recorder* list = nullptr;
        int id = -1;

        constexpr auto node() const { return parameter<T, Shape>{{}, list, id}.node(); }

        template <tensor X>
        constexpr const state& operator=(X&& x) const
        {
            static_assert(std::is_same_v<shape_of_operand<X>, Shape>, "xgrad: a state keeps its shape; assign a value of it");
            static_assert(std::is_same_v<element_of_operand<X>, T>,
                          "xgrad: a state keeps its element type; cast<T>(x) converts");
            if constexpr (std::is_same_v<shape_of_operand<X>, Shape> && std::is_same_v<element_of_operand<X>, T>)
                node().list->write_last(id, in_memory(std::forward<X>(x)).tree.id);
            return *this;
        }
    };

    template <class>
    struct is_parameter : std::false_type
    {
    };
    template <class T, class Shape>
    struct is_parameter<parameter<T, Shape>> : std::true_type
    {
    };

    template <class>
    struct is_state : std::false_type
    {
    };
    template <class T, class Shape>
    struct is_state<state<T, Shape>> : std::true_type
    {
    };

    /// What a network keeps and a checkpoint holds.
    template <class T>
    struct is_parameter_or_state : std::bool_constant<is_parameter<T>::value || is_state<T>::value>
    {
    };
}
