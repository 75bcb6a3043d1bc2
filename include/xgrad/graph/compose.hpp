// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/gradient.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Finds the list that a tensor belongs to; a number belongs to none.
    constexpr recorder* list_of(const auto& x)
    {
        if constexpr (names_node<decltype(x)>)
            return x.node().list;
        else if constexpr (tensor<decltype(x)>)
            return x.list;
        else
            return nullptr;
    }

    constexpr recorder* list_of(const auto& first, const auto& second, const auto&... rest)
    {
        recorder* found = list_of(first);
        if (!found || std::is_constant_evaluated())
            return found ? found : list_of(second, rest...);
        recorder* const other = list_of(second, rest...);
        if (other && other != found)
            throw error(
                "xgrad: the operands of one expression are on two tapes; take the value() of one and make it an input of "
                "the other's tape");
        return found;
    }

    /// The element type that numbers take when they meet these operands: the first tensor's that is not bool.
    template <class First, class... Rest>
    constexpr auto common_element()
    {
        if constexpr (tensor<First>)
        {
            using type = element_of_operand<First>;
            if constexpr (!std::is_same_v<type, bool> || sizeof...(Rest) == 0)
                return std::type_identity<type>{};
            else
                return common_element<Rest...>();
        }
        else if constexpr (sizeof...(Rest) > 0)
            return common_element<Rest...>();
        else
            return std::type_identity<bool>{};
    }

    /// An operand as it enters a larger expression: a name is a statement (recorded once), an rvalue moves in.
    template <class T, bool OnTape = false, class X>
    constexpr auto as_operand(recorder* list, X&& x)
    {
        using type = std::remove_cvref_t<X>;
        if constexpr (names_node<X>)
            return x.node();
        else if constexpr (std::is_arithmetic_v<type>)
        {
            static_assert(std::is_floating_point_v<T> || std::is_integral_v<type>,
                          "xgrad: a tensor of integers meets a number with a fraction; convert it with cast<float>(x)");
            const auto number = static_cast<double>(static_cast<T>(x));
            if constexpr (OnTape)
                return expression<held_constant<T>, extents<>, 9>{
                    held_constant<T>(list->runs->held_constant_of(number, element_of<T>)), list, {}};
            else
                return expression<constant<T>, extents<>, 9>{{list->add_constant(number, element_of<T>)}, list, {}};
        }
        else if constexpr (std::is_lvalue_reference_v<X> && static_shape<typename type::shape_type>)
            return named(x);
        else
            return type(x);
    }

    /// The operand of a kernel that needs it in memory.
    template <tensor X>
    constexpr auto in_memory(X&& x)
    {
        if constexpr (names_node<X>)
            return x.node();
        else
            return named(x);
    }

    namespace detail
    {
        // Gradients of gradients would grow without end: of an expression with more leaves, the large operands get names.
        inline constexpr int most_leaves = 24;
        template <class... A>
        inline constexpr bool crowded = (tree_traits<typename A::tree_type>::leaves + ...) > most_leaves;

        // an operand that is smaller than the result, or a second core, is computed once, in a statement of its own
        template <class Result, bool CoreTaken, bool Crowded, class Tree, class Shape, int Order>
        constexpr decltype(auto) fused([[maybe_unused]] const Result& result, const expression<Tree, Shape, Order>& x)
        {
            if constexpr (!static_shape<Shape> && tree_traits<Tree>::has_core)
                if (!(x.shape() == result.value))
                    throw error("internal: a core of another shape was not named before it was broadcast");
            constexpr bool smaller = static_shape<Shape> && !std::is_same_v<Shape, Result>;
            constexpr bool too_large = Crowded && tree_traits<Tree>::leaves > most_leaves / 3;
            if constexpr (tree_traits<Tree>::is_leaf || !(smaller || too_large || (CoreTaken && tree_traits<Tree>::has_core)))
                return (x); // by reference: while compiling, a copy costs as much as the rest
            else
                return named(x);
        }

        template <class X>
        inline constexpr bool is_bool = false;
        template <tensor X>
        inline constexpr bool is_bool<X> = std::is_same_v<element_of_operand<X>, bool>;

        // the type whose lanes a tree is computed in, bool if it has no other leaves
        template <class>
        struct lane_type;
        template <class First>
        struct lane_type<type_list<First>> : std::type_identity<First>
        {
        };
        template <class First, class Second, class... Rest>
        struct lane_type<type_list<First, Second, Rest...>>
            : std::conditional_t<std::is_same_v<First, bool>, lane_type<type_list<Second, Rest...>>, std::type_identity<First>>
        {
        };

        // a comparison of tensors of another type is a statement of its own: its lanes would not fit
        template <class T, class Tree, class Shape, int Order>
        constexpr decltype(auto) in_lanes_of(const expression<Tree, Shape, Order>& x)
        {
            if constexpr (tree_traits<Tree>::is_leaf || !std::is_same_v<typename Tree::value_type, bool>)
                return (x);
            else if constexpr (std::is_same_v<typename lane_type<typename leaf_types<Tree>::type>::type, T> ||
                               (!std::is_same_v<T, bool> &&
                                std::is_same_v<typename lane_type<typename leaf_types<Tree>::type>::type, bool>))
                return (x);
            else
                return named(x);
        }

        constexpr auto common_shape(const auto& a) { return a.form; }
        constexpr auto common_shape(const auto& a, const auto& b) { return broadcast_shapes(a.form, b.form); }
        constexpr auto common_shape(const auto& a, const auto& b, const auto& c)
        {
            return broadcast_shapes(broadcast_shapes(a.form, b.form), c.form);
        }

        template <class Function, class A>
        constexpr auto combine(const auto& form, recorder* list, const A& a)
        {
            using shape = std::remove_cvref_t<decltype(form)>;
            constexpr bool makes_bool = std::is_same_v<typename Function::template value_type<typename A::value_type>, bool>;
            const auto& x = fused<shape, makes_bool, false>(form, a);
            using tree = apply<Function, typename std::remove_cvref_t<decltype(x)>::tree_type>;
            return expression<tree, shape, A::order>{{{x.tree}}, list, form};
        }

        template <class Function, class A, class B>
        constexpr auto combine(const auto& form, recorder* list, const A& a, const B& b)
        {
            using shape = std::remove_cvref_t<decltype(form)>;
            constexpr bool makes_bool =
                std::is_same_v<typename Function::template value_type<typename A::value_type, typename B::value_type>, bool>;
            const auto& x = fused<shape, makes_bool, crowded<A, B>>(form, a);
            constexpr bool taken = makes_bool || tree_traits<typename std::remove_cvref_t<decltype(x)>::tree_type>::has_core;
            const auto& y = fused<shape, taken, crowded<A, B>>(form, b);
            using tree = apply<Function, typename std::remove_cvref_t<decltype(x)>::tree_type,
                               typename std::remove_cvref_t<decltype(y)>::tree_type>;
            return expression<tree, shape, (A::order < B::order ? A::order : B::order)>{{{x.tree, y.tree}}, list, form};
        }

        template <class Function, class A, class B, class C>
        constexpr auto combine(const auto& form, recorder* list, const A& a, const B& b, const C& c)
        {
            using shape = std::remove_cvref_t<decltype(form)>;
            const auto& x = fused<shape, false, crowded<A, B, C>>(form, a);
            constexpr bool first = tree_traits<typename std::remove_cvref_t<decltype(x)>::tree_type>::has_core;
            const auto& y = fused<shape, first, crowded<A, B, C>>(form, b);
            constexpr bool second = first || tree_traits<typename std::remove_cvref_t<decltype(y)>::tree_type>::has_core;
            const auto& z = fused<shape, second, crowded<A, B, C>>(form, c);
            constexpr int low = A::order < B::order ? A::order : B::order;
            using tree = apply<Function, typename std::remove_cvref_t<decltype(x)>::tree_type,
                               typename std::remove_cvref_t<decltype(y)>::tree_type,
                               typename std::remove_cvref_t<decltype(z)>::tree_type>;
            return expression<tree, shape, (low < C::order ? low : C::order)>{{{x.tree, y.tree, z.tree}}, list, form};
        }

        template <class Function, class... A>
        constexpr auto combine_all(recorder* list, const A&... a)
        {
            return combine<Function>(common_shape(a...), list, a...);
        }
    }

    namespace detail
    {
        /// Stands for the result of an operation that a static_assert has refused: the compiler has said what is wrong, and
        /// nothing that follows shall fail.
        template <class T, int Order, class Shape>
        constexpr node<T, Shape, Order> refused(recorder* list, const Shape& form)
        {
            return {{list->add({.extents = form.value, .type = element_of<T>, .from = source::persistent})}, list, form};
        }

        /// The shape of a tensor; of a number, that of a scalar.
        template <class X>
        constexpr auto shape_of(const X& x)
        {
            if constexpr (tensor<X>)
                return to_expression(x).form;
            else
                return extents<>{};
        }

        template <class First, class... Rest>
        constexpr auto common_shape_of(const First& first, const Rest&... rest)
        {
            if constexpr (sizeof...(Rest) == 0)
                return shape_of(first);
            else
                return broadcast_shapes(shape_of(first), common_shape_of(rest...));
        }

        // whether a tensor's elements can meet elements of T: bool only selects, and numbers take the tensors' type
        template <class X>
        inline constexpr bool on_tape = false;
        template <tensor X>
        inline constexpr bool on_tape<X> = is_held_tree<typename expression_type<X>::tree_type>;

        template <class T, class X>
        inline constexpr bool meets = true;
        template <class T, tensor X>
        inline constexpr bool meets<T, X> =
            std::is_same_v<element_of_operand<X>, T> || std::is_same_v<element_of_operand<X>, bool>;
    }

    /// An elementwise function of operands with broadcasting, not yet written down.
    template <class Function, class... X>
        requires operands<X...>
    constexpr auto elementwise(X&&... x)
    {
        using type = typename decltype(common_element<X...>())::type;
        constexpr bool no_truth_values = Function::takes_bool || !(detail::is_bool<X> || ...);
        constexpr bool one_type = (detail::meets<type, X> && ...);
        static_assert(no_truth_values, "xgrad: arithmetic on a tensor of bool; choose with where(condition, a, b), or convert "
                                       "it with cast<float>(x)");
        static_assert(one_type, "xgrad: an elementwise operation needs operands of one element type; cast<T>(x) converts");
        recorder* const list = list_of(x...);
        if constexpr (no_truth_values && one_type)
        {
            constexpr bool on_tape = (detail::on_tape<X> || ...);
            return detail::combine_all<Function>(
                list, detail::in_lanes_of<type>(as_operand<type, on_tape>(list, std::forward<X>(x)))...);
        }
        else
            return detail::refused<type, 1>(list, detail::common_shape_of(x...));
    }

    /// A kernel with a loop nest of its own, applied to operands that are in memory (or moved-in elementwise parts).
    template <class Kernel, class Shape, class... X>
    constexpr auto make_core(const Shape& form, const kernel::attributes& with, const X&... x)
    {
        using tree = core<Kernel, typename X::tree_type...>;
        constexpr int orders[]{X::order..., 9};
        constexpr int order = [&]
        {
            int least = 9;
            for (const int o : orders)
                least = o < least ? o : least;
            return least;
        }();
        return expression<tree, Shape, order>{{{x.tree...}, with}, list_of(x...), form};
    }
}
