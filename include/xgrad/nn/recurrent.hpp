// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/recurrent_cell.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/concatenate.hpp>
#include <xgrad/op/identity.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // zeros on the list that x is on
        template <static_shape Shape, int Order, class X>
        constexpr auto zeros_beside(const X& x)
        {
            using type = element_of_operand<X>;
            const auto zero = as_operand<type, on_tape<X>>(x.list, 0);
            using tree = apply<op::identity, std::remove_cvref_t<decltype(zero.tree)>>;
            return named(expression<tree, Shape, Order>{{{zero.tree}}, x.list, {}});
        }

        template <class State>
        constexpr hidden_state<State> choose(const auto& mask, const hidden_state<State>& a, const hidden_state<State>& b)
        {
            return {named(where(mask, a.h, b.h))};
        }
        template <class State>
        constexpr lstm_state<State> choose(const auto& mask, const lstm_state<State>& a, const lstm_state<State>& b)
        {
            return {named(where(mask, a.h, b.h)), named(where(mask, a.c, b.c))};
        }

        /// Says that all sequences of a batch are as long as the tensor.
        struct full_length
        {
        };

        // One cell along [time, batch, inputs], forwards or backwards. Behind its own length a sequence's output is zero and
        // its state stays; backwards it begins there.
        template <bool Backwards, class Cell, class X, class Lengths>
        constexpr auto along_time(const Cell& cell, const X& x, const Lengths& lengths)
        {
            constexpr std::ptrdiff_t steps = X::extent(0), batch = X::extent(1);
            constexpr int order = X::order < 2 ? X::order : 2;
            using form = extents<batch, Cell::width>;
            const auto shares = named(cell.from_input(x));
            const auto nothing = zeros_beside<form, order>(shares);
            auto state = cell.begin_with(nothing);
            std::array<std::remove_cvref_t<decltype(state.h)>, static_cast<std::size_t>(steps)> outputs{};
            for (std::ptrdiff_t k = 0; k < steps; ++k)
            {
                const std::ptrdiff_t t = Backwards ? steps - 1 - k : k;
                auto next = cell.step(select<0>(shares, t), state);
                if constexpr (std::is_same_v<Lengths, full_length>)
                {
                    state = next;
                    outputs[static_cast<std::size_t>(t)] = next.h;
                }
                else
                {
                    const auto inside = reshape<batch, 1>(named(lengths > static_cast<int>(t)));
                    state = choose(inside, next, state);
                    outputs[static_cast<std::size_t>(t)] = named(where(inside, next.h, nothing));
                }
            }
            return std::make_tuple(stack(outputs), state);
        }
    }

    /// One layer of a recurrent network: a cell forwards, and another one backwards if it goes both ways.
    template <class Cell, bool Bidirectional>
    struct recurrent_layer
    {
        Cell forwards;

        constexpr auto operator()(const auto& x, const auto& lengths) const
        {
            return std::get<0>(detail::along_time<false>(forwards, x, lengths));
        }
    };
    template <class Cell>
    struct recurrent_layer<Cell, true>
    {
        Cell forwards, backwards;

        constexpr auto operator()(const auto& x, const auto& lengths) const
        {
            return concatenate<-1>(std::get<0>(detail::along_time<false>(forwards, x, lengths)),
                                   std::get<0>(detail::along_time<true>(backwards, x, lengths)));
        }
    };

    /// Layers of recurrent cells on top of each other, as PyTorch's RNN, LSTM and GRU: x [time, batch, Inputs] to
    /// [time, batch, Hidden], or 2 Hidden if they go both ways. Every state begins at zero. `lengths`, integers [batch], says
    /// how long each sequence is: what lies behind is not read, and the output there is zero, as of packed sequences.
    template <template <std::ptrdiff_t, std::ptrdiff_t, class> class Cell, std::ptrdiff_t Inputs, std::ptrdiff_t Hidden,
              std::size_t Layers = 1, bool Bidirectional = false, element_type T = float>
    struct recurrent
    {
        static_assert(Layers > 0, "xgrad::recurrent: a recurrent network has at least one layer");
        recurrent_layer<Cell<Inputs, Hidden, T>, Bidirectional> first;
        using upper_layer = recurrent_layer<Cell<(Bidirectional ? 2 : 1) * Hidden, Hidden, T>, Bidirectional>;
        std::array<upper_layer, Layers - 1> rest;

        constexpr auto operator()(tensor auto&& x) const { return run(in_memory(x), detail::full_length{}); }
        constexpr auto operator()(tensor auto&& x, tensor auto&& lengths) const
        {
            return run(in_memory(x), in_memory(lengths));
        }

        constexpr auto run(const auto& x, const auto& lengths) const
        {
            auto h = named(first(x, lengths));
            for (const auto& layer : rest)
                h = layer(h, lengths);
            return h;
        }
    };
    template <template <std::ptrdiff_t, std::ptrdiff_t, class> class Cell, std::ptrdiff_t Inputs, std::ptrdiff_t Hidden,
              bool Bidirectional, element_type T>
    struct recurrent<Cell, Inputs, Hidden, 1, Bidirectional, T>
    {
        recurrent_layer<Cell<Inputs, Hidden, T>, Bidirectional> first;

        constexpr auto operator()(tensor auto&& x) const { return first(in_memory(x), detail::full_length{}); }
        constexpr auto operator()(tensor auto&& x, tensor auto&& lengths) const
        {
            return first(in_memory(x), in_memory(lengths));
        }
    };

    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, std::size_t Layers = 1, bool Bidirectional = false,
              element_type T = float>
    using rnn = recurrent<rnn_cell, Inputs, Hidden, Layers, Bidirectional, T>;
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, std::size_t Layers = 1, bool Bidirectional = false,
              element_type T = float>
    using lstm = recurrent<lstm_cell, Inputs, Hidden, Layers, Bidirectional, T>;
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, std::size_t Layers = 1, bool Bidirectional = false,
              element_type T = float>
    using gru = recurrent<gru_cell, Inputs, Hidden, Layers, Bidirectional, T>;

    /// What PyTorch calls a weight of a recurrent layer: "rest.0.backwards.weight_ih" is "weight_ih_l1_reverse"; other names are
    /// returned as they are. `load(net, file, {.name_in_file = recurrent_name})`.
    inline std::string recurrent_name(const std::string& name)
    {
        const std::size_t key = name.rfind('.'), way = key == std::string::npos || key == 0 ? key : name.rfind('.', key - 1);
        if (way == std::string::npos || key == 0)
            return name;
        const std::string direction = name.substr(way + 1, key - way - 1), layers = name.substr(0, way);
        if (direction != "forwards" && direction != "backwards")
            return name;
        std::size_t front = layers.size();
        int number = 0;
        if (layers.ends_with("first"))
            front -= 5;
        else
        {
            const std::size_t digits = layers.rfind('.') + 1;
            if (digits < 5 || layers.compare(digits - 5, 5, "rest.") != 0)
                return name;
            front = digits - 5;
            number = 1 + std::stoi(layers.substr(digits));
        }
        return name.substr(0, front) + name.substr(key + 1) + "_l" + std::to_string(number) +
               (direction == "backwards" ? "_reverse" : "");
    }
}
