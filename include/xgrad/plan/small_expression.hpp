// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/operation.hpp>
#include <xgrad/kernel/small_loop.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/plan/plan.hpp>

#include <algorithm>

namespace xgrad::inline XGRAD_ABI
{
    /// How many elements the largest value that a run computes has.
    template <class Builder, bool Frozen>
    inline constexpr std::ptrdiff_t most_elements = []
    {
        const auto& records = graph_of<Builder>.records;
        std::ptrdiff_t most = 0;
        for (std::size_t id = 0; id < records.size(); ++id)
            if (records[id].from == source::statement && !plan_of<Builder, Frozen>.frozen[id])
                most = std::max(most, records[id].extents.size());
        return most;
    }();

    /// One statement of a finished graph with all that the compiler knows of it, for the whole batch.
    template <class Builder, bool Frozen, int Id>
    struct fixed_statement
    {
        static constexpr record line = graph_of<Builder>.records[Id];
        static constexpr kernel::attributes with = line.with;

        /// How many lanes its vectors have at most.
        template <class T>
        static constexpr std::ptrdiff_t widest = kernel::small::widest<T>(most_elements<Builder, Frozen>);

        static constexpr shape whole(shape extents)
        {
            extents.bounded = false;
            return extents;
        }
        static constexpr shape out = whole(line.extents);
        template <int Operand>
        static constexpr int id = graph_of<Builder>.operands[line.first_operand + Operand];
        template <int Operand>
        static constexpr shape in = whole(graph_of<Builder>.records[id<Operand>].extents);
    };

    namespace detail
    {
        // the operands of a statement from one on
        template <class Statement, int First>
        struct operands_from
        {
            template <class T>
            static constexpr std::ptrdiff_t widest = Statement::template widest<T>;
            static constexpr kernel::attributes with = Statement::with;
            static constexpr shape out = Statement::out;
            template <int Operand>
            static constexpr shape in = Statement::template in<First + Operand>;
            template <int Operand>
            static constexpr int id = Statement::template id<First + Operand>;
        };

        /// Whether a kernel has code for constant extents, and for these.
        template <class Kernel, class Statement>
        inline constexpr bool has_small = false;
        template <class Kernel, class Statement>
            requires requires { Kernel::template small<Statement>; }
        inline constexpr bool has_small<Kernel, Statement> = Kernel::template small<Statement>;

        /// Whether a core has code for constant extents whose sums may begin with another tensor.
        template <class Core, class Statement>
        inline constexpr bool has_small_sums = false;
        template <class Kernel, class... In, class Statement>
            requires((tree_traits<In>::is_leaf && ...) && has_small<Kernel, Statement> && requires { Kernel::small_sums; })
        inline constexpr bool has_small_sums<core<Kernel, In...>, Statement> = Kernel::small_sums;

        /// The sum of a core and a leaf in a tree: the tree with the core in its place, and which leaf that is, or -1.
        template <class Tree>
        struct sum_with_core
        {
            using type = Tree;
            static constexpr int leaf = -1;
        };
        template <class Function, class A>
        struct sum_with_core<apply<Function, A>>
        {
            using type = apply<Function, typename sum_with_core<A>::type>;
            static constexpr int leaf = sum_with_core<A>::leaf;
        };
        template <class Function, class A, class B>
        struct sum_with_core<apply<Function, A, B>>
        {
            using a = sum_with_core<A>;
            using b = sum_with_core<B>;
            using type = apply<Function, typename a::type, typename b::type>;
            static constexpr int leaf = a::leaf >= 0 ? a::leaf : b::leaf >= 0 ? b::leaf + tree_traits<A>::leaves : -1;
        };
        template <class Kernel, class... In, class Leaf>
            requires tree_traits<Leaf>::is_leaf
        struct sum_with_core<apply<op::add, core<Kernel, In...>, Leaf>>
        {
            using type = core<Kernel, In...>;
            static constexpr int leaf = 1;
        };
        template <class Kernel, class... In, class Leaf>
            requires tree_traits<Leaf>::is_leaf
        struct sum_with_core<apply<op::add, Leaf, core<Kernel, In...>>>
        {
            using type = core<Kernel, In...>;
            static constexpr int leaf = 0;
        };

        /// What is known of an expression with constant extents: which of its operands its leaves are (its core is -1: it has
        /// been computed where the result goes), and how each lies under the result. Or of a part of it without one leaf.
        template <class Tree, class Statement, class Whole = Tree, int Without = -1>
        struct small_expression
        {
            using value_type = typename Tree::value_type;
            using found = find_core<Whole>;
            static constexpr bool has_core = tree_traits<Whole>::has_core;
            static constexpr int before = found::before, leaves = static_cast<int>(elementwise_of<Tree>::leaves);
            static constexpr int taken = []
            {
                if constexpr (has_core)
                    return tree_traits<typename found::type>::leaves;
                else
                    return 1;
            }();
            using core_operands = operands_from<Statement, has_core ? before : 0>;

            template <int Leaf>
            static constexpr int operand_of_whole = has_core && Leaf == before ? -1
                                                    : Leaf < before            ? Leaf
                                                                               : Leaf + taken - 1;
            template <int Leaf>
            static constexpr int operand = operand_of_whole<Leaf + (Without >= 0 && Leaf >= Without ? 1 : 0)>;
            template <int Leaf>
            static constexpr kernel::small::lie lies = []
            {
                if constexpr (operand<Leaf> < 0)
                    return kernel::small::lie::whole;
                else
                    return kernel::small::lies(Statement::template in<operand<Leaf>>, Statement::out);
            }();
            /// How far from one row of a leaf the next one is.
            template <int Leaf>
            static constexpr std::ptrdiff_t row_stride = lies<Leaf> == kernel::small::lie::row ? 0 : Statement::out.columns();

            /// Whether the core's sums begin with a leaf, so that it need not be added to them.
            template <int Leaf>
            static constexpr bool begins_with = []
            {
                if constexpr (Leaf >= 0 && has_small_sums<typename found::type, core_operands>)
                    return lies<Leaf> == kernel::small::lie::whole || lies<Leaf> == kernel::small::lie::row ||
                           Statement::out.size() == 1;
                else
                    return false;
            }();

            template <class Leaves = std::make_integer_sequence<int, leaves>>
            struct loop;
            template <int... Leaf>
            struct loop<std::integer_sequence<int, Leaf...>>
            {
                static constexpr bool exists = ((lies<Leaf> != kernel::small::lie::other) && ...);
                using type =
                    kernel::small::loop<tree_function<Tree>, value_type, Statement::out.rows(), Statement::out.columns(),
                                        Statement::template widest<value_type>, lies<Leaf>...>;
            };
            static constexpr bool exists = []
            {
                if constexpr (all_of_type<value_type, typename leaf_types<Tree>::type>)
                    return loop<>::exists;
                else
                    return false;
            }();
        };
    }
}
