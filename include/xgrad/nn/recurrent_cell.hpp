// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/matmul.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sigmoid.hpp>
#include <xgrad/op/slice.hpp>
#include <xgrad/op/subtract.hpp>
#include <xgrad/op/tanh.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// The state of an rnn or gru cell: its last output.
    template <class Hidden>
    struct hidden_state
    {
        Hidden h;
    };
    template <class Hidden>
    hidden_state(Hidden) -> hidden_state<Hidden>;

    /// The state of an lstm cell: its last output, and what it remembers.
    template <class Hidden>
    struct lstm_state
    {
        Hidden h, c;
    };
    template <class Hidden>
    lstm_state(Hidden, Hidden) -> lstm_state<Hidden>;

    /// h' = tanh(x W_ih^T + b_ih + h W_hh^T + b_hh), as PyTorch's RNNCell: x [batch, Inputs], h [batch, Hidden].
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, element_type T = float>
    struct rnn_cell
    {
        static constexpr std::ptrdiff_t width = Hidden;
        static constexpr initializer start = uniform_within(1 / detail::square_root(Hidden));
        parameter<T, extents<Hidden, Inputs>> weight_ih{start};
        parameter<T, extents<Hidden, Hidden>> weight_hh{start};
        parameter<T, extents<Hidden>> bias_ih{start};
        parameter<T, extents<Hidden>> bias_hh{start};

        constexpr auto operator()(tensor auto&& x, tensor auto&& h) const
        {
            return named(tanh(from_input(std::forward<decltype(x)>(x)) + from_state(h)));
        }

        /// The inputs' share, which a layer computes for all steps at once.
        constexpr auto from_input(tensor auto&& x) const
        {
            return matmul(std::forward<decltype(x)>(x), transpose(weight_ih)) + bias_ih;
        }
        template <class State>
        constexpr hidden_state<State> step(tensor auto&& share, const hidden_state<State>& state) const
        {
            return {named(tanh(std::forward<decltype(share)>(share) + from_state(state.h)))};
        }
        static constexpr auto begin_with(auto zeros) { return hidden_state{zeros}; }
        constexpr auto from_state(tensor auto&& h) const { return matmul(h, transpose(weight_hh)) + bias_hh; }
    };

    /// Long short-term memory (Hochreiter and Schmidhuber 1997), as PyTorch's LSTMCell: of the gates i, f, g, o =
    /// x W_ih^T + b_ih + h W_hh^T + b_hh, c' = sigmoid(f) c + sigmoid(i) tanh(g) and h' = sigmoid(o) tanh(c').
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, element_type T = float>
    struct lstm_cell
    {
        static constexpr std::ptrdiff_t width = Hidden;
        static constexpr initializer start = uniform_within(1 / detail::square_root(Hidden));
        parameter<T, extents<4 * Hidden, Inputs>> weight_ih{start};
        parameter<T, extents<4 * Hidden, Hidden>> weight_hh{start};
        parameter<T, extents<4 * Hidden>> bias_ih{start};
        parameter<T, extents<4 * Hidden>> bias_hh{start};

        constexpr auto operator()(tensor auto&& x, const auto& state) const
        {
            return step(from_input(std::forward<decltype(x)>(x)), lstm_state{in_memory(state.h), in_memory(state.c)});
        }

        /// The inputs' share, which a layer computes for all steps at once.
        constexpr auto from_input(tensor auto&& x) const
        {
            return matmul(std::forward<decltype(x)>(x), transpose(weight_ih)) + named(bias_ih + bias_hh);
        }
        template <class State>
        constexpr auto step(tensor auto&& share, const lstm_state<State>& state) const
        {
            const auto gates = named(matmul(state.h, transpose(weight_hh)) + in_memory(std::forward<decltype(share)>(share)));
            const auto kept = named(sigmoid(slice<-1, Hidden, 2 * Hidden>(gates)));
            const auto let_in = named(sigmoid(slice<-1, 0, Hidden>(gates)));
            const auto c = named(kept * state.c + let_in * tanh(slice<-1, 2 * Hidden, 3 * Hidden>(gates)));
            return lstm_state{named(sigmoid(slice<-1, 3 * Hidden, 4 * Hidden>(gates)) * tanh(c)), c};
        }
        static constexpr auto begin_with(auto zeros) { return lstm_state{zeros, zeros}; }
    };

    /// The gated recurrent unit (Cho et al. 2014), as PyTorch's GRUCell: r and z are sigmoids of sums as above,
    /// n = tanh(x W_in^T + b_in + r (h W_hn^T + b_hn)), and h' = (1 - z) n + z h.
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Hidden, element_type T = float>
    struct gru_cell
    {
        static constexpr std::ptrdiff_t width = Hidden;
        static constexpr initializer start = uniform_within(1 / detail::square_root(Hidden));
        parameter<T, extents<3 * Hidden, Inputs>> weight_ih{start};
        parameter<T, extents<3 * Hidden, Hidden>> weight_hh{start};
        parameter<T, extents<3 * Hidden>> bias_ih{start};
        parameter<T, extents<3 * Hidden>> bias_hh{start};

        constexpr auto operator()(tensor auto&& x, tensor auto&& h) const
        {
            return step(named(from_input(std::forward<decltype(x)>(x))), hidden_state{in_memory(h)}).h;
        }

        /// The inputs' share, which a layer computes for all steps at once.
        constexpr auto from_input(tensor auto&& x) const
        {
            return matmul(std::forward<decltype(x)>(x), transpose(weight_ih)) + bias_ih;
        }
        template <class State>
        constexpr auto step(tensor auto&& share, const hidden_state<State>& state) const
        {
            const auto from_x = in_memory(std::forward<decltype(share)>(share));
            const auto from_h = named(matmul(state.h, transpose(weight_hh)) + bias_hh);
            const auto both_x = slice<-1, 0, 2 * Hidden>(from_x);
            const auto both_h = slice<-1, 0, 2 * Hidden>(from_h);
            const auto both = named(sigmoid(both_x + both_h)); // r and z
            const auto r = slice<-1, 0, Hidden>(both), z = slice<-1, Hidden, 2 * Hidden>(both);
            const auto new_x = slice<-1, 2 * Hidden, 3 * Hidden>(from_x);
            const auto new_h = slice<-1, 2 * Hidden, 3 * Hidden>(from_h);
            const auto n = named(tanh(new_x + r * new_h));
            return hidden_state{named(z * state.h + (1 - z) * n)};
        }
        static constexpr auto begin_with(auto zeros) { return hidden_state{zeros}; }
    };
}
