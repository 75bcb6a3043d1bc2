// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/optim/optimizer.hpp>
#include <xgrad/plan/tape.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Steps of an optimizer on a tape: `updates update(tape, net, adam{});`, then `backward(loss); update();`. It holds the
    /// network's model on the tape, and the optimizer's state. Tape and network must live as long. `seed` is that of dropout.
    template <class Source, optimizer Optimizer, int Derivatives>
    class updates
    {
    public:
        using network_type = basic_network<Source>;
        using value_type = typename network_type::value_type;

        /// The optimizer's settings; change them between steps.
        Optimizer optimizer;
        /// The network's model on the tape.
        const watched<typename Source::model_type> model;

        updates(basic_tape<Derivatives>& on, network_type& net, const Optimizer& settings, std::uint64_t seed = 0)
            : optimizer(settings), model(on.watch(net)), tape_(&on), network_(&net),
              states_(Optimizer::names.size() * network_type::size() * sizeof(value_type))
        {
            on.random() = {seed, 0};
        }

        /// Changes the parameters by the gradients that have come since the last step, and forgets these.
        void operator()()
        {
            const auto numbers = optimizer.scalars(steps() + 1);
            std::array<value_type, Optimizer::scalar_count> scalars;
            for (std::size_t k = 0; k < numbers.size(); ++k)
                scalars[k] = static_cast<value_type>(numbers[k]);
            constexpr std::size_t states = Optimizer::names.size();
            std::array<kernel::tensor_ref, 4 + states> in;
            const auto whole = [](value_type* at)
            { return kernel::tensor_ref{kernel::address(at), network_type::flat_shape()}; };
            in[0] = whole(network_->data());
            in[1] = whole(reinterpret_cast<value_type*>(tape_->gradients(*network_)));
            in[2] = {kernel::address(scalars.data()), {}};
            auto* const state = reinterpret_cast<value_type*>(states_.data());
            for (std::size_t k = 0; k < states; ++k)
                in[3 + k] = whole(state + k * network_type::size());
            value_type norm = 0;
            if constexpr (requires { Optimizer::reads_norm; })
                norm = kernel::norm(in[1].data.template as<value_type>(), in[1].extents.size());
            in[3 + states] = {kernel::address(&norm), {}};
            kernel::call c;
            c.in = in.data();
            c.count = static_cast<int>(in.size());
            c.out = in[0];
            kernel::update<Optimizer, value_type>(c);
            tape_->clear_gradients();
            tape_->parameters_changed();
            ++tape_->random().step;
        }

        /// Number of steps done.
        std::int64_t steps() const { return static_cast<std::int64_t>(tape_->random().step); }

        /// Everything a checkpoint holds besides the parameters.
        struct state_type
        {
            kernel::random_state& random;
            std::vector<named_span> spans;
        };
        state_type state()
        {
            state_type result{tape_->random(), {}};
            std::byte* at = states_.data();
            for (const auto& name : Optimizer::names)
            {
                for (named_span span : network_->parameter_spans(at))
                {
                    span.name = "optimizer." + std::string(name) + "." + span.name;
                    result.spans.push_back(span);
                }
                at += network_type::size() * sizeof(value_type);
            }
            return result;
        }

    private:
        basic_tape<Derivatives>* tape_;
        network_type* network_;
        buffer states_;
    };
}
