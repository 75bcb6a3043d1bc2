// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/expression.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// What a gradient rule reads besides the incoming gradient: operands by bit, or the result.
    namespace needs
    {
        inline constexpr unsigned nothing = 0, first = 1, second = 2, third = 4, result = 8;
    }

    /// The leaf that a name is: on a tape it keeps the value alive.
    template <class Tree>
    using leaf_for = std::conditional_t<is_held_tree<Tree>, held<typename Tree::value_type>, leaf<typename Tree::value_type>>;

    template <class Tree, class Shape, int Order>
    constexpr expression<leaf_for<Tree>, Shape, Order> named(const expression<Tree, Shape, Order>& e);

    namespace detail
    {
        template <class Tree>
        inline constexpr bool differentiable =
            !tree_traits<Tree>::is_constant && std::is_floating_point_v<typename Tree::value_type>;

        // Which inner value of a fused expression its gradient needs: along the path from the core to the root, the
        // value closest to the core that some rule reads. All others are recomputed from it.
        template <class Rule, int Operand, class Tree>
        constexpr bool rule_reads(unsigned what)
        {
            if constexpr (differentiable<Tree> && requires { Rule::template needs<Operand>; })
                return (Rule::template needs<Operand> & what) != 0;
            else
                return false;
        }

        template <class Rule, class... Operands>
        constexpr bool rules_read(unsigned what)
        {
            return [&]<std::size_t... I>(std::index_sequence<I...>)
            {
                return (false || ... || rule_reads<Rule, static_cast<int>(I), Operands>(what));
            }(std::index_sequence_for<Operands...>{});
        }

        /// Whether the rules of a tree's root read one of these values.
        template <class Tree>
        inline constexpr auto root_reads = [](unsigned) { return false; };
        template <class Function, class... Operands>
        inline constexpr auto root_reads<apply<Function, Operands...>> = [](unsigned what)
        { return rules_read<Function, Operands...>(what); };
        template <class Kernel, class... Operands>
        inline constexpr auto root_reads<core<Kernel, Operands...>> = [](unsigned what)
        { return rules_read<Kernel, Operands...>(what); };

        template <class Tree, int Order>
        constexpr auto split(recorder* list, const Tree& tree, const shape& extents);

        // replaces the operand on the core's path by its name, if a rule of this function or its own reads its value
        template <class Parent, class Operand, int Index, int Order>
        constexpr auto split_operand(recorder* list, const Operand& operand, const shape& extents)
        {
            if constexpr (!tree_traits<Operand>::has_core)
                return operand;
            else
            {
                auto inner = split<Operand, Order>(list, operand, extents);
                using tree = decltype(inner);
                if constexpr (tree_traits<tree>::has_core &&
                              (root_reads<Parent>(1u << Index) || root_reads<Operand>(needs::result)))
                    return named(expression<tree, dynamic, Order>{inner, list, {extents}}).tree;
                else
                    return inner;
            }
        }

        template <class Function, class... Operands>
        constexpr auto rejoin(const Operands&... operands)
        {
            return apply<Function, Operands...>{{operands...}};
        }

        template <class Tree, int Order>
        constexpr auto split(recorder* list, const Tree& tree, const shape& extents)
        {
            if constexpr (requires { typename Tree::function; } && tree_traits<Tree>::has_core)
                return tree.operands.visit(
                    [&]<class... Operands>(const Operands&... operand)
                    {
                        return [&]<std::size_t... I>(std::index_sequence<I...>)
                        {
                            return rejoin<typename Tree::function>(
                                split_operand<Tree, Operands, static_cast<int>(I), Order>(list, operand, extents)...);
                        }(std::index_sequence_for<Operands...>{});
                    });
            else
                return tree;
        }
    }
}
