// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/identity.hpp>
#include <xgrad/optim/optimizer.hpp>
#include <xgrad/plan/prediction.hpp>

#include <cmath>

namespace xgrad::inline XGRAD_ABI
{
    /// Records a training step: the loss of a model, its gradient in every parameter, and the optimizer's update.
    template <class Source, class Loss, class Optimizer, class T, class... Inputs>
    struct training_builder
    {
        static constexpr int order = 1 + derivatives_inside<Loss>;
        static constexpr int parameter_count = detail::parameters_of<Source>.count;
        using loss_type = decltype(named(std::declval<const Loss&>()(std::declval<const typename Source::model_type&>(),
                                                                     input_node<Inputs, order>(std::declval<recorder&>())...)));

        static constexpr recording build()
        {
            constexpr bool is_scalar = std::is_same_v<typename loss_type::shape_type, extents<>>;
            constexpr bool is_of_type = std::is_same_v<typename loss_type::value_type, T>;
            constexpr bool differentiable = loss_type::order > 0;
            static_assert(std::is_same_v<typename loss_type::shape_type, extents<>>,
                          "xgrad::training_step: the loss must be a scalar; take the mean(...) or sum(...) of it");
            static_assert(std::is_same_v<typename loss_type::value_type, T>,
                          "xgrad::training_step: the loss must have the element type of the model's parameters");
            static_assert(differentiable,
                          "xgrad::training_step: the loss takes a gradient itself; hand in with_derivatives<1>(loss), so that "
                          "this can be differentiated once more");
            recording r;
            r.list.training = true;
            const auto model = bound_model<Source>(r.list);
            list<int> parameters;
            for (int id = 0; id < r.list.records.size() && r.list[id].offset < r.list.parameter_size; ++id)
                parameters.push(id);
            const auto loss = named(Loss{}(model, input_node<Inputs, order>(r.list)...));
            list<int> arrived(parameters.size(), -1);
            if constexpr (is_scalar && is_of_type && differentiable)
                arrived = backward(r.list, loss.tree.id, parameters);
            for (const int id : parameters)
                if (arrived[id] >= 0)
                    place_gradient(r.list, arrived[id], id);
            detail::record_update<Optimizer, T>(r.list);
            record_state_writes<T>(r.list);
            r.outputs.push(loss.tree.id);
            return r;
        }

    private:
        // a parameter's gradient is written to its place by the statement that makes it; a shared one is copied
        static constexpr void place_gradient(recorder& list, int id, int parameter)
        {
            const int target = list.add_gradient(parameter);
            record& line = list[id];
            if (line.from == source::statement && line.target < 0)
                line.target = target;
            else
            {
                using tree = apply<op::identity, leaf<T>>;
                list.add_assignment(&operation_of<tree, 0>, target, &id, 1);
            }
        }
    };

    /// A compiled training step. It holds what outlives a step besides the parameters: gradients, optimizer state, the
    /// number of steps done.
    template <class Network, class Loss, class Optimizer, class... Inputs>
    class training_program
    {
    public:
        using value_type = typename Network::value_type;
        using builder = training_builder<typename Network::source_type, Loss, Optimizer, value_type, Inputs...>;
        static constexpr const auto& graph = graph_of<builder>;
        static constexpr const auto& plan = plan_of<builder>;

        /// The optimizer's settings; change them between steps.
        Optimizer optimizer;

        training_program(Network& net, const Optimizer& settings, std::uint64_t seed)
            : optimizer(settings), network_(&net), gradients_(Network::size() * sizeof(value_type)),
              execution_(graph.view(), plan.offset, plan.workspace, plan.bytes, Network::about.type,
                         reinterpret_cast<std::byte*>(net.data()), gradients_.data()),
              loss_at_(execution_.after(graph.outputs[0])), random_{seed, 0}
        {
        }

        /// One step: the loss of this batch before the update. A loss that is not finite is refused, and the parameters
        /// stay as they were.
        template <class... X>
        value_type operator()(const X&... x)
        {
            static_assert(sizeof...(X) == sizeof...(Inputs),
                          "xgrad::training_step: hand in as many tensors as inputs were declared");
            if constexpr (sizeof...(X) == sizeof...(Inputs))
                room_.hand_in(execution_, x...);
            run<false>();
            const value_type loss = *execution_.value(graph.outputs[0]).data.template as<value_type>();
            if (!std::isfinite(loss))
                throw error("xgrad::training_step: the loss of step " + std::to_string(steps()) + " is " +
                            (std::isnan(loss) ? "nan" : std::to_string(loss)) + // nan may be printed as -nan
                            "; the parameters are unchanged. Look for NaN or infinity in the batch, or for a learning rate "
                            "that is too large");
            const auto scalars = optimizer.scalars(steps() + 1);
            auto* const to = reinterpret_cast<value_type*>(execution_.persistent());
            for (std::size_t k = 0; k < scalars.size(); ++k)
                to[k] = static_cast<value_type>(scalars[k]);
            run<true>();
            ++random_.step;
            return loss;
        }

        /// Shares the work of every step from now on with threads that outlive this.
        void use(const kernel::workers& threads)
            requires with_threads
        {
            execution_.use(threads);
        }

        /// The names of the model's parameters, in the order of its members.
        static std::vector<std::string> parameter_names() { return detail::parameter_names<typename Network::source_type>(); }

        /// Number of steps done.
        std::int64_t steps() const { return static_cast<std::int64_t>(random_.step); }

        /// The gradient of a parameter in the last step.
        template <class T, class Shape>
        auto gradient(const parameter<T, Shape>& p) const
        {
            return adapt<Shape>(reinterpret_cast<const value_type*>(gradients_.data()) + p.id);
        }

        /// Names, shapes and places of all gradients of the last step.
        std::vector<named_span> gradients() { return network_->parameter_spans(gradients_.data()); }

        /// Everything a checkpoint holds besides the parameters.
        struct state_type
        {
            kernel::random_state& random;
            std::vector<named_span> spans;
        };
        state_type state()
        {
            state_type result{random_, {}};
            std::byte* at =
                execution_.persistent() + recorder::padded(Optimizer::scalar_count, Network::about.type) * sizeof(value_type);
            for (const auto& name : Optimizer::names)
            {
                for (named_span span : network_->parameter_spans(at))
                {
                    span.name = "optimizer." + std::string(name) + "." + span.name;
                    result.spans.push_back(span);
                }
                at += Network::size() * sizeof(value_type);
            }
            return result;
        }

    private:
        // what is before the loss, with it; what is behind
        template <bool Behind>
        void run()
        {
            if constexpr (unrolls(graph.view()))
                if (execution_.is_full())
                {
                    constexpr int loss = graph.outputs[0] + 1, last = graph.records.size();
                    return execution_.run(&unrolled<builder>::template run < Behind ? loss : 0, Behind ? last : loss >,
                                          random_);
                }
            if constexpr (Behind)
                execution_.run(loss_at_, execution_.statements(), random_);
            else
                execution_.run(0, loss_at_, random_);
        }

        Network* network_;
        buffer gradients_;
        execution execution_;
        input_room<Inputs...> room_;
        std::size_t loss_at_;
        kernel::random_state random_;
    };

    /// Compiles a training step: `auto step = training_step<images, labels>(net, loss, adam{});`, then `step(x, y)`.
    /// `loss` is a function of the model and the inputs without captures. The network must live as long; `seed` is that of
    /// dropout.
    template <input_type... Inputs, class Source, class Loss, optimizer Optimizer>
    auto training_step(basic_network<Source>& net, Loss, const Optimizer& optimizer, std::uint64_t seed = 0)
    {
        static_assert(std::is_empty_v<Loss> && std::is_default_constructible_v<Loss>,
                      "xgrad::training_step: the loss must be a function object without state, such as a lambda without "
                      "captures: the compiler runs it");
        using runnable = detail::stateless<Loss, typename basic_network<Source>::value_type>;
        return training_program<basic_network<Source>, runnable, Optimizer, Inputs...>(net, optimizer, seed);
    }
}
