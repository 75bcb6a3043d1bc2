// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/xgrad.hpp>

#include <array>

/// The reference models of the tests: each uses C++ in another way.
namespace models
{
    struct perceptron
    {
        xg::linear<784, 256> hidden1;
        xg::linear<256, 128> hidden2;
        xg::linear<128, 10> output;
        constexpr auto operator()(auto image) const { return output(relu(hidden2(relu(hidden1(image))))); }
    };

    struct residual
    {
        xg::linear<32, 32> hidden, skip;
        xg::linear<32, 4> output;
        constexpr auto operator()(auto x) const
        {
            auto h = relu(hidden(x)); // a name: computed once
            return output(h + tanh(skip(h)));
        }
    };

    template <class T>
    struct block
    {
        xg::layer_norm<16, T> norm;
        xg::linear<16, 16, T> inner, outer;
        constexpr auto operator()(auto x) const { return x + outer(gelu(inner(norm(x)))); }
    };

    /// A loop over an array of layers; T is the element type.
    template <class T, std::size_t Depth = 24>
    struct deep
    {
        xg::linear<8, 16, T> first;
        std::array<block<T>, Depth> blocks;
        xg::linear<16, 3, T> last;
        constexpr auto operator()(auto x) const
        {
            auto h = xg::named(first(x));
            for (const auto& b : blocks)
                h = b(h);
            return last(h);
        }
    };

    /// A branch on a member's value, and one on a type.
    struct branching
    {
        bool deep = false;
        xg::linear<8, 8> a{}, b{};
        xg::linear<8, 2> output{};
        constexpr auto operator()(auto x) const
        {
            auto h = xg::named(relu(a(x)));
            if (deep)
                h = relu(b(h));
            if constexpr (std::is_same_v<typename decltype(x)::value_type, float>)
                return output(h) * 1.f;
            else
                return output(h);
        }
    };

    /// A recurrent network is a loop: text [time, batch], one letter a step.
    struct char_rnn
    {
        xg::embedding<12, 16> letter;
        xg::linear<16, 16> from_letter, from_state;
        xg::linear<16, 12> next;
        constexpr auto operator()(auto text, auto state) const
        {
            for (auto c : text)
                state = tanh(from_letter(letter(c)) + from_state(state));
            return next(state);
        }
    };

    constexpr auto cross_entropy_loss = [](const auto& model, auto x, auto labels) { return cross_entropy(model(x), labels); };
    constexpr auto sequence_loss = [](const auto& model, auto text, auto state, auto labels)
    { return cross_entropy(model(text, state), labels); };

    template <class Network>
    using step_of_perceptron = decltype(xg::training_step<xg::batch<64, float, 784>, xg::batch<64, std::int32_t>>(
        std::declval<Network&>(), cross_entropy_loss, xg::adam{}));
}
