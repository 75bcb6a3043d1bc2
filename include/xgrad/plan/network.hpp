// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/philox.hpp>
#include <xgrad/plan/model.hpp>
#include <xgrad/tensor/buffer.hpp>
#include <xgrad/tensor/view.hpp>

#include <string>
#include <vector>

namespace xgrad::inline XGRAD_ABI
{
    /// One named tensor of a network's parameters and states, or of a buffer with the same layout.
    struct named_span
    {
        std::string name;
        shape extents;
        element type;
        std::byte* data;
    };

    /// The parameters of a model, and behind them its states, in one flat, aligned buffer, and the model whose members know
    /// their places in it.
    template <class Source>
    class basic_network
    {
    public:
        using source_type = Source;
        using model_type = typename Source::model_type;
        static constexpr const auto& layout = layout_of<Source>;
        static constexpr auto about = layout.facts;
        static_assert(about.equal, "xgrad::network: all parameters of a model must have one element type");
        using value_type = std::conditional_t<about.type == element::f64, double, float>;

        /// The model; its members are keys: `net[net.model.hidden.weight]`.
        model_type model = layout.model;

        /// Draws every parameter as its initializer says, from counter-based random numbers: equal seeds, equal networks.
        explicit basic_network(std::uint64_t seed) : parameters_((size() + state_size()) * sizeof(value_type))
        {
            for (std::uint32_t index = 0; index < layout.count; ++index)
                fill(layout.tensors[index], data(), seed, index);
        }

        /// The elements of the parameters in the flat buffer, each tensor beginning on a cache line.
        static constexpr std::size_t size() { return static_cast<std::size_t>(layout.size); }

        /// The elements of the states, which lie behind the parameters.
        static constexpr std::size_t state_size() { return static_cast<std::size_t>(layout.state_size); }

        /// Number of parameters.
        static constexpr std::int64_t parameter_count() { return layout.parameter_count; }

        value_type* data() { return reinterpret_cast<value_type*>(parameters_.data()); }
        const value_type* data() const { return reinterpret_cast<const value_type*>(parameters_.data()); }

        /// A parameter as an xtensor of its shape.
        template <class T, class Shape>
        auto operator[](const parameter<T, Shape>& p)
        {
            return adapt<Shape>(data() + p.id);
        }
        template <class T, class Shape>
        auto operator[](const parameter<T, Shape>& p) const
        {
            return adapt<Shape>(data() + p.id);
        }

        /// A state as an xtensor of its shape.
        template <class T, class Shape>
        auto operator[](const state<T, Shape>& s)
        {
            return adapt<Shape>(data() + s.id);
        }
        template <class T, class Shape>
        auto operator[](const state<T, Shape>& s) const
        {
            return adapt<Shape>(data() + s.id);
        }

        /// All parameters as one vector.
        auto parameters() { return adapt<1>(data(), flat_shape()); }

        /// Names, shapes and places of the parameters and states, in the order of the members.
        std::vector<named_span> spans() { return spans_in(parameters_.data(), true); }

        /// Names, shapes and places of the parameters alone, in a buffer of their layout.
        std::vector<named_span> parameter_spans(std::byte* base) { return spans_in(base, false); }

        static constexpr shape flat_shape()
        {
            shape all;
            all.append(static_cast<std::ptrdiff_t>(size()));
            return all;
        }

    private:
        static std::vector<named_span> spans_in(std::byte* base, bool with_states)
        {
            const std::vector<std::string> names = leaf_names<is_parameter_or_state, model_type>();
            std::vector<named_span> result;
            for (std::size_t k = 0; k < layout.count; ++k)
                if (const tensor_place& tensor = layout.tensors[k]; tensor.trained || with_states)
                    result.push_back({names[k], tensor.extents, about.type,
                                      base + static_cast<std::size_t>(tensor.offset) * sizeof(value_type)});
            return result;
        }

        static void fill(const tensor_place& tensor, value_type* to, std::uint64_t seed, std::uint32_t index)
        {
            const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
            const initializer& how = tensor.initial;
            to += tensor.offset;
            for (std::int64_t i = 0; i < tensor.extents.size(); ++i)
            {
                if (how.distribution == initializer::constant)
                {
                    to[i] = static_cast<value_type>(how.scale);
                    continue;
                }
                const auto bits = philox({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32), index, 0}, key);
                to[i] = static_cast<value_type>(how.scale * (how.distribution == initializer::normal
                                                                 ? normal_pair(bits[0], bits[1])[0]
                                                                 : 2 * uniform(bits[0]) - 1));
            }
        }

        buffer parameters_;
    };

    /// Builds a network: `network<classifier>(seed)`, or of a value, `network<classifier{.depth = 3}>(seed)`.
    template <class Model>
    auto network(std::uint64_t seed = 0)
    {
        static_assert(plain_model<Model>, "xgrad::network<model>: a model must be a plain aggregate: a struct without "
                                          "constructors, base classes, private members or virtual functions");
        using accepted = std::conditional_t<plain_model<Model>, Model, detail::refused_model<Model>>;
        return basic_network<default_model<accepted>>(seed);
    }
    template <auto Model>
    auto network(std::uint64_t seed = 0)
    {
        static_assert(plain_model<std::remove_cvref_t<decltype(Model)>>,
                      "xgrad::network<model>: a model must be a plain aggregate: a struct without constructors, base "
                      "classes, private members or virtual functions");
        return basic_network<model_value<Model>>(seed);
    }
}
