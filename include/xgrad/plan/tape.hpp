// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/tape_core.hpp>
#include <xgrad/op/gradient.hpp>
#include <xgrad/plan/network.hpp>
#include <xgrad/plan/program.hpp>
#include <xgrad/tensor/input.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

namespace xgrad::inline XGRAD_ABI
{
    /// The value of a name on a tape: of a scalar a number, else an xtensor over the tape's memory, there as long as the name.
    template <class T, class Shape, int Order>
    auto read_value(const expression<held<T>, Shape, Order>& x)
    {
        if (!x.tree.value())
            throw error("xgrad: this name has no value yet");
        const kernel::tensor_ref& value = x.tree.value()->owner->read(*x.tree.value());
        const auto* const data = static_cast<const T*>(value.data.template as<T>());
        if constexpr (Shape::value.rank == 0)
            return *data;
        else
            return adapt<static_cast<std::size_t>(Shape::value.rank)>(data, value.extents);
    }

    /// The value of an expression that has no name: a number or an xtensor of its own.
    template <class Tree, class Shape, int Order>
    auto read_value(const expression<Tree, Shape, Order>& e)
    {
        const auto x = named(e);
        if constexpr (Shape::value.rank == 0)
            return read_value(x);
        else
            return xt::xtensor<typename Tree::value_type, static_cast<std::size_t>(Shape::value.rank)>(read_value(x));
    }

    /// A variable of a tape: what models and expressions take for an input.
    template <element_type T, class Shape, int Order = 1>
    using variable = expression<held<T>, Shape, Order>;

    /// The bound of a batch of any number of rows: `tape.input<batch<any_rows, float, 784>>(x)`, on tapes only.
    inline constexpr std::ptrdiff_t any_rows = any_extent;

    /// A model whose parameters are those of a network, on a tape.
    template <class Model>
    struct watched : Model
    {
        detail::reference tape;
    };

    /// Asks `backward` to leave the way back as it is, for another gradient.
    struct keep_graph_t
    {
    };
    inline constexpr keep_graph_t keep_graph{};

    /// While this lives, a tape remembers nothing for gradients, and models behave as in prediction.
    class without_gradients
    {
    public:
        explicit without_gradients(tape_core& core) : core_(core), recording_(core.recording), training_(core.training)
        {
            core.recording = core.training = false;
        }
        without_gradients(const without_gradients&) = delete;
        without_gradients& operator=(const without_gradients&) = delete;
        ~without_gradients()
        {
            core_.recording = recording_;
            core_.training = training_;
        }

    private:
        tape_core& core_;
        bool recording_, training_;
    };

    /// Records statements while they run: models and expressions work on its variables as in a compiled program, and in plain
    /// C++ with loops and branches that depend on values. `Derivatives` is how often they can be differentiated.
    template <int Derivatives = 1>
    class basic_tape
    {
    public:
        basic_tape() : core_(new tape_core) { core_->training = Derivatives > 0; }

        /// Something handed in, copied: `tape.input<batch<64, float, 784>>(x)`, `tape.input<input<float, 3>>(x)`.
        /// `gradient(y, x)` knows it, `backward` does not stop for it.
        template <input_type Input, class X>
        auto input(const X& x)
        {
            return add<Input>(x, false);
        }
        /// `tape.input<float, 3>(x)`.
        template <element_type T, std::ptrdiff_t... Extents, class X>
        auto input(const X& x)
        {
            return add<xgrad::input<T, Extents...>>(x, false);
        }

        /// Something handed in whose gradient `backward` adds up, for gradient(variable).
        template <input_type Input, class X>
        auto variable(const X& x)
        {
            return add<Input>(x, true);
        }
        template <element_type T, std::ptrdiff_t... Extents, class X>
        auto variable(const X& x)
        {
            return add<xgrad::input<T, Extents...>>(x, true);
        }

        /// A tensor of one number, such as a state to begin with: `tape.full<float, 1, 64>(0)`.
        template <element_type T, std::ptrdiff_t... Extents>
        auto full(T number)
        {
            auto result = place<extents<Extents...>, T>(extents<Extents...>::value, false);
            std::fill_n(data_of<T>(result), extents<Extents...>::value.size(), number);
            return result;
        }
        template <element_type T, std::ptrdiff_t... Extents>
        auto zeros()
        {
            return full<T, Extents...>(0);
        }

        /// A network's model on this tape: its parameters are variables, their values the network's. The network must live as
        /// long as the tape and stay where it is.
        template <class Source>
        auto watch(basic_network<Source>& net)
        {
            network_on_tape& found = enter(net);
            watched<typename Source::model_type> result{Source::value, {}};
            const int* id = found.ids.data();
            for_each_leaf<is_parameter_or_state>(static_cast<typename Source::model_type&>(result),
                                                 [&](auto& leaf)
                                                 {
                                                     leaf.list = core_.get();
                                                     leaf.id = *id++;
                                                 });
            if (!found.ids.empty())
                result.tape = detail::reference(core_->hold(found.ids[0]));
            return result;
        }

        /// From here to the end of the scope nothing is remembered: `auto quiet = tape.without_gradients();`
        [[nodiscard]] xgrad::without_gradients without_gradients() { return xgrad::without_gradients(*core_); }

        /// The gradient of a parameter of a watched model, added up since the last update; zeros if none has come.
        template <class T, class Shape>
        auto gradient(const parameter<T, Shape>& p) const
        {
            tape_slot& s = core_->slot(p.id);
            clear_stale(s, p.id);
            return adapt<Shape>(reinterpret_cast<const T*>(s.gradient_at));
        }

        /// The gradient of a variable, added up; zeros if none has come.
        template <class T, class Shape, int Order>
        auto gradient(const xgrad::variable<T, Shape, Order>& x) const
        {
            constexpr auto rank = static_cast<std::size_t>(Shape::value.rank);
            const kernel::tensor_ref& value = core_->value(x.tree.id);
            xt::xtensor<T, rank> result = adapt<rank>(static_cast<const T*>(value.data.template as<T>()), value.extents);
            const int id = core_->slot(x.tree.id).gradient;
            if (id < 0)
                result.fill(0);
            else
                std::copy_n(core_->value(id).data.template as<T>(), result.size(), result.data());
            return result;
        }

        /// Forgets the gradients that parameters have got, without an update.
        void clear_gradients()
        {
            for (const network_on_tape& net : networks_)
                for (const int id : net.ids)
                    core_->slot(id).gradient_stale = true;
        }

        /// The gradients of a network's parameters, in one buffer with their layout.
        template <class Source>
        std::byte* gradients(basic_network<Source>& net)
        {
            network_on_tape& found = enter(net);
            for (const int id : found.ids)
                clear_stale(core_->slot(id), id);
            return found.gradients.data();
        }

        /// Says that parameters have been written to from outside; values computed from them before are not used again.
        void parameters_changed() { core_->parameters_changed(); }

        /// Writes what models have assigned to their states; `backward` does it, too.
        void finish() { core_->finish(); }

        /// Refuses the first result that is not finite, by name: what it computes, of which members.
        void check_finite(bool on = true) { core_->check_finite = on; }

        /// Seed and step of the random numbers that dropout draws.
        kernel::random_state& random() { return core_->random; }

        /// Bytes of memory taken from the system, and the number of values that exist.
        std::size_t memory_bytes() const { return core_->memory_bytes(); }
        int values() const { return core_->values(); }

    private:
        struct network_on_tape
        {
            const void* parameters;
            buffer gradients;
            std::vector<int> ids;
        };

        struct abandon
        {
            void operator()(tape_core* core) const { core->abandon(); }
        };

        template <input_type Input, class X>
        auto add(const X& x, bool is_variable)
        {
            using type = typename Input::value_type;
            using form = typename Input::shape_type;
            std::int32_t rows = 0;
            shape extents;
            if constexpr (!std::is_arithmetic_v<X>)
                extents = checked_extents<type, form>(x, inputs_, rows);
            auto result = place<form, type>(extents, is_variable);
            type* const to = data_of<type>(result);
            if constexpr (std::is_arithmetic_v<X>)
            {
                static_assert(form::value.rank == 0, "xgrad: a number is handed in for a scalar; hand in an xtensor");
                *to = static_cast<type>(x);
            }
            else if (const type* const from = borrow<type, form>(x, inputs_, rows, reinterpret_cast<std::byte*>(to));
                     from != to)
                std::copy_n(from, static_cast<std::size_t>(extents.size()), to);
            ++inputs_;
            return result;
        }

        template <class Form, element_type T>
        auto place(const shape& extents, bool is_variable)
        {
            constexpr int bound = Form::value.bounded ? Form::value.extent[0] : 0;
            return xgrad::variable<T, Form, Derivatives>{
                held<T>(core_->add_value(extents, element_of<T>, bound, core_->recording && Derivatives > 0, is_variable)),
                core_.get(),
                {}};
        }

        template <class T>
        T* data_of(const auto& x)
        {
            return core_->value(x.tree.id).data.template as<T>();
        }

        void clear_stale(tape_slot& s, int id) const
        {
            if (s.gradient_stale && s.gradient_at)
                std::memset(s.gradient_at, 0, static_cast<std::size_t>(core_->records[id].bytes()));
            s.gradient_stale = false;
        }

        template <class Source>
        network_on_tape& enter(basic_network<Source>& net)
        {
            for (network_on_tape& known : networks_)
                if (known.parameters == net.data())
                    return known;
            using network = basic_network<Source>;
            using type = typename network::value_type;
            networks_.push_back({net.data(), buffer(network::size() * sizeof(type)), {}});
            network_on_tape& added = networks_.back();
            for (const named_span& span : net.spans())
            {
                const auto at = span.data - reinterpret_cast<std::byte*>(net.data());
                const bool trained = static_cast<std::size_t>(at) < network::size() * sizeof(type);
                const int id = core_->add_outside(span.extents, span.type, span.data, trained);
                core_->parameter_names.push_back(span.name);
                if (trained)
                    core_->slot(id).gradient_at = added.gradients.data() + at;
                added.ids.push_back(id);
            }
            return added;
        }

        std::unique_ptr<tape_core, abandon> core_;
        std::vector<network_on_tape> networks_;
        int inputs_ = 0;
    };

    /// A tape for training.
    using tape = basic_tape<1>;

    namespace detail
    {
        template <class Loss>
        void walk_back(const Loss& loss, bool keep)
        {
            using type = typename Loss::value_type;
            const type value = read_value(loss);
            auto& core = static_cast<tape_core&>(*loss.list);
            if (!std::isfinite(value))
                throw error("xgrad::backward: the loss " + core.describe(loss.tree.id) + " is " +
                            (std::isnan(value) ? "nan" : std::to_string(value)) + "; no gradient was added");
            core.walk_back(loss.tree.id, keep, [&core](int leaf, int gradient) { core.add_gradient(leaf, gradient); });
            core.finish();
        }
    }

    namespace detail
    {
        template <class Loss>
        void checked_walk_back(Loss&& loss, bool keep)
        {
            using type = expression_type<Loss>;
            constexpr bool on_a_tape = on_tape<Loss>, is_scalar = std::is_same_v<typename type::shape_type, extents<>>;
            constexpr bool differentiable = std::is_floating_point_v<typename type::value_type> && type::order > 0;
            static_assert(on_a_tape, "xgrad::backward(loss): the loss must be computed on a tape");
            static_assert(is_scalar, "xgrad::backward(loss): the loss must be a scalar; take the mean(...) or sum(...) of it");
            static_assert(differentiable, "xgrad::backward(loss): the loss cannot be differentiated (once more); use a tape of "
                                          "more derivatives, basic_tape<N>; what compiled(...) computes has one");
            if constexpr (on_a_tape && is_scalar && differentiable)
                walk_back(in_memory(std::forward<Loss>(loss)), keep);
        }
    }

    /// Adds the gradients of a scalar to those of the parameters and variables that it depends on, and gives up its way back.
    template <tensor Loss>
    void backward(Loss&& loss)
    {
        detail::checked_walk_back(std::forward<Loss>(loss), false);
    }

    /// The same, and the way back can be gone once more.
    template <tensor Loss>
    void backward(Loss&& loss, keep_graph_t)
    {
        detail::checked_walk_back(std::forward<Loss>(loss), true);
    }
}
