// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/plan/call.hpp>
#include <xgrad/plan/tape.hpp>

#include <array>
#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // What a function takes and returns: a tensor, or a struct, tuple or array of such (the state of an lstm).
        template <class X>
        struct class_arguments
        {
            static constexpr bool tensors = false;
        };
        template <class X>
        inline constexpr bool holds_tensors = tensor<X> || class_arguments<X>::tensors;
        template <template <class...> class S, class... E>
            requires(sizeof...(E) > 0)
        struct class_arguments<S<E...>>
        {
            static constexpr bool tensors = (holds_tensors<E> && ...);
            template <template <class> class Map>
            using mapped = S<typename Map<E>::type...>;
        };
        template <class E, std::size_t N>
        struct class_arguments<std::array<E, N>>
        {
            static constexpr bool tensors = holds_tensors<E>;
            template <template <class> class Map>
            using mapped = std::array<typename Map<E>::type, N>;
        };

        // the same with other tensors: nodes of a list, or variables of a tape
        template <class X, int Order>
        struct as_node;
        template <class X, int Order>
        struct as_variable;
        template <int Order>
        struct map_to
        {
            template <class X>
            using node = as_node<X, Order>;
            template <class X>
            using variable = as_variable<X, Order>;
        };
        template <class X, int Order>
        struct as_node
        {
            using type = typename class_arguments<X>::template mapped<map_to<Order>::template node>;
        };
        template <tensor X, int Order>
        struct as_node<X, Order>
        {
            using type = node<element_of_operand<X>, shape_of_operand<X>, Order>;
        };
        template <class X, int Order>
        struct as_variable
        {
            using type = typename class_arguments<X>::template mapped<map_to<Order>::template variable>;
        };
        template <tensor X, int Order>
        struct as_variable<X, Order>
        {
            using type = variable<element_of_operand<X>, shape_of_operand<X>, Order>;
        };

        template <class X>
        concept tuple_like = requires { std::tuple_size<X>::value; };

        template <class X, class Visit>
        constexpr void for_each_tensor(X& x, const Visit& visit)
        {
            const auto all = [&](auto&... part) { (for_each_tensor(part, visit), ...); };
            if constexpr (tensor<X>)
                visit(x);
            else if constexpr (tuple_like<X>)
                std::apply(all, x);
            else
                visit_members(x, all);
        }

        template <class X>
        constexpr auto parts_of([[maybe_unused]] X& x)
        {
            if constexpr (tuple_like<X>)
                return []<std::size_t... I>(std::index_sequence<I...>)
                { return type_list<std::tuple_element_t<I, X>...>{}; }(std::make_index_sequence<std::tuple_size_v<X>>{});
            else
                return visit_members(x, [](auto&... part) { return type_list<std::remove_cvref_t<decltype(part)>...>{}; });
        }

        template <class X>
        using part_list = decltype(parts_of(std::declval<X&>()));

        template <class X>
        constexpr bool any_on_tape()
        {
            if constexpr (tensor<X>)
                return on_tape<X>;
            else if constexpr (holds_tensors<X>)
                return []<class... Part>(type_list<Part...>) { return (any_on_tape<Part>() || ...); }(part_list<X>{});
            else
                return false;
        }

        // a struct of the tensors that `make<Tensor>()` gives, from left to right
        template <class X, class Make>
        constexpr X made_of(const Make& make)
        {
            if constexpr (tensor<X>)
                return make(static_cast<X*>(nullptr));
            else
                return []<class... Part>(type_list<Part...>, const Make& each)
                { return X{made_of<Part>(each)...}; }(part_list<X>{}, make);
        }

        template <class X>
        constexpr int tensors_in()
        {
            if constexpr (tensor<X>)
                return 1;
            else
                return []<class... Part>(type_list<Part...>) { return (0 + ... + tensors_in<Part>()); }(part_list<X>{});
        }

        template <class X>
        constexpr bool has_bounds()
        {
            if constexpr (tensor<X>)
                return !(shape_of_operand<X>::value.bounded && shape_of_operand<X>::value.extent[0] == any_extent);
            else if constexpr (!holds_tensors<X>)
                return true;
            else
                return []<class... Part>(type_list<Part...>) { return (has_bounds<Part>() && ...); }(part_list<X>{});
        }

        // An argument of a call, tensors first: how many operands it is, what they are, and what stands for it in a list.
        template <class X>
        struct tensor_argument
        {
            static constexpr int count = tensors_in<X>();
            static constexpr call_operand* describe(call_operand* to)
            {
                made_of<X>(
                    [&]<class E>(E*)
                    {
                        *to++ = {E::shape_type::value, element_of<typename E::value_type>};
                        return E{};
                    });
                return to;
            }
            static constexpr X symbolic(recorder& list, int& next)
            {
                return made_of<X>([&]<class E>(E*) { return E{{next++}, &list, {}}; });
            }
        };
        template <class Source>
        struct model_argument
        {
            using model_type = typename Source::model_type;
            static constexpr int count = parameters_of<Source>.count;
            static constexpr call_operand* describe(call_operand* to)
            {
                model_type model{};
                for_each_leaf<is_parameter_or_state>(model,
                                                     [&]<class Leaf>(const Leaf&)
                                                     {
                                                         constexpr bool trained = is_parameter<Leaf>::value;
                                                         *to++ = {Leaf::shape_type::value,
                                                                  element_of<typename Leaf::value_type>, trained, !trained};
                                                     });
                return to;
            }
            static constexpr model_type symbolic(recorder& list, int& next)
            {
                model_type model = Source::value;
                for_each_leaf<is_parameter_or_state>(model,
                                                     [&](auto& leaf)
                                                     {
                                                         leaf.list = &list;
                                                         leaf.id = next++;
                                                     });
                return model;
            }
        };

        template <class Model>
        constexpr const Model& model_of(const watched<Model>& model)
        {
            return model;
        }
        constexpr const auto& model_of(const auto& model) { return model; }

        template <class X>
        using plain_model_type = std::remove_cvref_t<decltype(model_of(std::declval<const X&>()))>;

        template <class X, int Order>
        struct argument_for
        {
            using type = model_argument<default_model<plain_model_type<X>>>;
        };
        template <class X, int Order>
            requires holds_tensors<X>
        struct argument_for<X, Order>
        {
            using type = tensor_argument<typename as_node<X, Order>::type>;
        };

        /// A function of tensors and models as a call.
        template <class Function, class... Arguments>
        struct function_call
        {
            static constexpr auto operands = []
            {
                std::array<call_operand, static_cast<std::size_t>((0 + ... + Arguments::count))> result{};
                call_operand* to = result.data();
                ((to = Arguments::describe(to)), ...);
                return result;
            }();

            static constexpr auto result(recorder& list)
            {
                int next = 0;
                // a braced list, so that arguments are made from left to right
                const std::tuple<decltype(Arguments::symbolic(list, next))...> arguments{Arguments::symbolic(list, next)...};
                return std::apply([](const auto&... each) { return Function{}(each...); }, arguments);
            }
            using result_type = decltype(result(std::declval<recorder&>()));
            static constexpr int results = tensors_in<result_type>();

            static constexpr void record(recorder& list, xgrad::list<int>& results)
            {
                const auto found = result(list);
                for_each_tensor(found, [&](const auto& x) { results.push(in_memory(x).tree.id); });
            }
        };
    }
}
