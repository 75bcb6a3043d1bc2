// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/operation.hpp>
#include <xgrad/graph/split.hpp>
#include <xgrad/graph/text.hpp>
#include <xgrad/meta/type_behind.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// One reverse walk over a list: the gradient that has arrived at every value so far.
    struct gradient_pass
    {
        recorder& records;
        list<int> arrived;
        list<char> needed;
    };

    namespace detail
    {
        template <int Order, class Tree>
        constexpr auto internal(recorder* list, const Tree& tree, const shape& extents)
        {
            return expression<Tree, dynamic, Order>{tree, list, {extents}};
        }

        template <int Order, class Tree>
        constexpr auto operand_value(recorder* list, const Tree& tree, const shape& around)
        {
            if constexpr (tree_traits<Tree>::is_leaf)
                return internal<Order>(list, tree, (*list)[tree.id].extents);
            else
                return internal<Order>(list, tree, around);
        }

        // the shape an elementwise tree has by its leaves
        template <class Tree>
        constexpr shape natural_shape(const recorder& list, const Tree& tree)
        {
            if constexpr (tree_traits<Tree>::is_leaf)
                return list.records.begin()[tree.id].extents;
            constexpr int count = tree_traits<Tree>::leaves;
            int ids[count > 0 ? count : 1]{};
            leaf_ids(tree, ids);
            shape common = list[ids[0]].extents;
            for (int k = 1; k < count; ++k)
                common = broadcast(common, list[ids[k]].extents);
            return common;
        }

        template <class Tree>
        constexpr bool depends(const gradient_pass& pass, const Tree& tree)
        {
            constexpr int count = tree_traits<Tree>::leaves;
            int ids[count > 0 ? count : 1]{};
            leaf_ids(tree, ids);
            bool any = false;
            for (int k = 0; k < count; ++k)
                any = any || pass.needed[ids[k]];
            return any;
        }

        /// Adds a gradient to what has arrived at a value; sums over the axes along which the value was broadcast.
        template <int Order, class T, class G>
        constexpr void arrive(gradient_pass& pass, const leaf<T>& value, const G& g)
        {
            const shape extents = pass.records[value.id].extents;
            int& slot = pass.arrived[value.id];
            if (!(g.shape() == extents))
                return arrive<Order>(pass, value, sum_to(named(g), extents));
            if (slot < 0)
                slot = named(g).tree.id;
            else
            {
                const auto before = internal<Order>(&pass.records, leaf<T>{slot}, extents);
                if constexpr (requires { G::tree_type::kernel_type::add_to(before, g.tree.with, before); })
                    slot = named(G::tree_type::kernel_type::add_to(
                                     before, g.tree.with, operand_value<Order>(&pass.records, g.tree.operands.a, extents)))
                               .tree.id;
                else if constexpr (tree_traits<typename G::tree_type>::has_core)
                    slot = named(before + g).tree.id; // the kernel adds in place of writing
                else
                    slot = named(before + named(g)).tree.id;
            }
        }

        template <int Order, class Tree, class G>
        constexpr void pull(gradient_pass& pass, const Tree& tree, const shape& extents, int id, const G& g);

        // looks the rule up as late as possible: kernels without one are never asked
        template <class Rule, int Operand>
        constexpr auto apply_rule(const auto&... arguments)
        {
            return Rule::template gradient<Operand>(arguments...);
        }

        template <int Order, class Rule, int Operand, class Tree, class G, class Y, class Inputs>
        constexpr void pull_operand(gradient_pass& pass, const Tree& operand, const shape& around, const G& g, const Y& y,
                                    const Inputs& inputs)
        {
            if constexpr (differentiable<Tree> && requires { Rule::template needs<Operand>; })
                if (depends(pass, operand))
                    pull<Order>(pass, operand, around, -1, inputs(std::integral_constant<int, Operand>{}, g, y));
        }

        template <int Order, class Function, class... Operands, class G>
        constexpr void pull_apply(gradient_pass& pass, const apply<Function, Operands...>& tree, const shape& extents, int id,
                                  const G& g)
        {
            recorder* const list = &pass.records;
            const auto rules = [&](const auto& y)
            {
                tree.operands.visit(
                    [&](const auto&... operand)
                    {
                        const auto rule = [&](auto index, const auto& gradient, const auto& result)
                        {
                            return apply_rule<Function, index.value>(gradient, result,
                                                                     operand_value<Order>(list, operand, extents)...);
                        };
                        [&]<std::size_t... I>(std::index_sequence<I...>)
                        {
                            (pull_operand<Order, Function, I>(pass, operand, extents, g, y, rule), ...);
                        }(std::index_sequence_for<Operands...>{});
                    });
            };
            if (id >= 0)
                rules(internal<Order>(list, leaf<typename apply<Function, Operands...>::value_type>{id}, extents));
            else
                rules(internal<Order>(list, tree, extents));
        }

        template <int Order, class Kernel, class... Operands, class G>
        constexpr void pull_core(gradient_pass& pass, const core<Kernel, Operands...>& tree, const shape& extents, int id,
                                 const G& g)
        {
            recorder* const list = &pass.records;
            const auto y = internal<Order>(list, leaf<typename core<Kernel, Operands...>::value_type>{id}, extents);
            tree.operands.visit(
                [&](const auto&... operand)
                {
                    const auto rule = [&](auto index, const auto& gradient, const auto& result)
                    {
                        return apply_rule<Kernel, index.value>(
                            tree.with, gradient, result,
                            internal<Order>(list, operand, natural_shape(pass.records, operand))...);
                    };
                    [&]<std::size_t... I>(std::index_sequence<I...>)
                    {
                        (pull_operand<Order, Kernel, I>(pass, operand, natural_shape(pass.records, operand), g, y, rule), ...);
                    }(std::index_sequence_for<Operands...>{});
                });
        }

        template <class>
        struct is_core_tree : std::false_type
        {
        };
        template <class Kernel, class... Operands>
        struct is_core_tree<core<Kernel, Operands...>> : std::true_type
        {
        };

        template <class Tree>
        inline constexpr int differentiable_operands = 0;
        template <class Function, class... Operands>
        inline constexpr int differentiable_operands<apply<Function, Operands...>> = (differentiable<Operands> + ...);

        /// Carries the gradient of a tree's result to its leaves; `id` is the value that holds the result, or -1.
        template <int Order, class Tree, class G>
        constexpr void pull(gradient_pass& pass, const Tree& tree, const shape& extents, int id, const G& g)
        {
            if constexpr (tree_traits<Tree>::is_leaf)
            {
                if constexpr (!tree_traits<Tree>::is_constant)
                    arrive<Order>(pass, tree, g);
            }
            else if constexpr (is_core_tree<Tree>::value)
                pull_core<Order>(pass, tree, extents, id, named(g));
            else if constexpr (differentiable_operands<Tree> > 1)
                pull_apply<Order>(pass, tree, extents, id, named(g)); // goes to several places: computed once
            else
                pull_apply<Order>(pass, tree, extents, id, g);
        }

        template <class Tree, int Order>
        constexpr void gradient_of(gradient_pass& pass, int id)
        {
            const record line = pass.records[id];
            const int* ids = pass.records.operands_of(id);
            const Tree tree = rebuild<Tree>::from(ids, line.with);
            const leaf<typename Tree::value_type> arrived{pass.arrived[id]};
            pull<Order - 1>(pass, tree, line.extents, id, internal<Order - 1>(&pass.records, arrived, line.extents));
        }

        template <class Tree, int Order>
        consteval auto gradient_pointer() -> void (*)(gradient_pass&, int)
        {
            if constexpr (Order > 0 && std::is_floating_point_v<typename Tree::value_type>)
                return &gradient_of<Tree, Order>;
            else
                return nullptr;
        }
    }

    namespace detail
    {
        // elementwise statements may write over an operand, and kernels that say so
        template <class Tree>
        inline constexpr bool in_place = !tree_traits<Tree>::has_core;
        template <class Kernel, class... Operands>
            requires requires { Kernel::in_place; }
        inline constexpr bool in_place<core<Kernel, Operands...>> = Kernel::in_place;
    }

    /// The table of an expression's structure, shared by all statements that have it.
    template <class Tree, int Order>
    inline constexpr operation operation_of{&detail::forward<Tree>,     detail::gradient_pointer<Tree, Order>(),
                                            &detail::flops<Tree>,       &detail::workspace<Tree>,
                                            tree_text<Tree>.characters, detail::in_place<Tree>,
                                            &operation_of<Tree, 0>};
    template <class Tree>
    inline constexpr operation operation_of<Tree, 0>{remember_type<&detail::forward<Tree>, Tree>::key,
                                                     nullptr,
                                                     &detail::flops<Tree>,
                                                     &detail::workspace<Tree>,
                                                     tree_text<Tree>.characters,
                                                     detail::in_place<Tree>,
                                                     nullptr,
                                                     0,
                                                     true};

    namespace detail
    {
        template <class Shape>
        constexpr Shape form_of(const Shape& form, const shape& extents)
        {
            if constexpr (static_shape<Shape>)
                return form;
            else
                return {extents};
        }

        struct rows_assumed
        {
            runner& tape;
            rows_assumed(runner& t, const int* ids, int count) : tape(t) { tape.assume_rows(ids, count); }
            rows_assumed(const rows_assumed&) = delete;
            ~rows_assumed() { tape.assume_nothing(); }
        };

        // the statement is computed at once, with the extents of this run
        template <class Tree, class Shape, int Order>
        expression<held<typename Tree::value_type>, Shape, Order> named_on_tape(const expression<Tree, Shape, Order>& e)
        {
            using type = typename Tree::value_type;
            constexpr int count = tree_traits<Tree>::leaves;
            int ids[count > 0 ? count : 1]{};
            leaf_ids(e.tree, ids);
            runner& tape = *e.list->runs;
            const shape extents = tape.extents_of(e.form.value, ids, count);
            if constexpr (Order > 0 && tree_traits<Tree>::has_core)
            {
                using split_tree = decltype(split<Tree, Order>(e.list, e.tree, extents));
                if constexpr (!std::is_same_v<split_tree, Tree>)
                {
                    const auto tree = [&]
                    {
                        const rows_assumed scope(tape, ids, count);
                        return split<Tree, Order>(e.list, e.tree, extents);
                    }();
                    return named_on_tape(expression<split_tree, Shape, Order>{tree, e.list, form_of(e.form, extents)});
                }
            }
            return {held<type>(tape.held_statement(&operation_of<plain_tree<Tree>, Order>, extents, element_of<type>, ids,
                                                   count, attributes_of(e.tree))),
                    e.list, form_of(e.form, extents)};
        }

        // a statement of a kind of its own: what it is named
        template <element_type T, int Order, bool OnTape, class Shape>
        constexpr auto recorded(recorder* list, const operation* op, const Shape& form, const int* ids, int count,
                                const kernel::attributes& with)
        {
            if constexpr (OnTape)
            {
                const shape extents = list->runs->extents_of(form.value, ids, count);
                return expression<held<T>, Shape, Order>{
                    held<T>(list->runs->held_statement(op, extents, element_of<T>, ids, count, with)), list,
                    form_of(form, extents)};
            }
            else
                return node<T, Shape, Order>{
                    {list->add_statement(op, form.value, element_of<T>, ids, count, with)}, list, form};
        }
    }

    /// Writes an expression down: the statement that computes it, or the same one recorded before.
    template <class Tree, class Shape, int Order>
    constexpr expression<leaf_for<Tree>, Shape, Order> named(const expression<Tree, Shape, Order>& e)
    {
        using type = typename Tree::value_type;
        if constexpr (std::is_same_v<leaf_for<Tree>, Tree>)
            return e;
        else if constexpr (is_held_tree<Tree> && tree_traits<Tree>::is_leaf)
            return {held<type>(e.list->runs->hold(e.tree.id)), e.list, e.form};
        else if constexpr (is_held_tree<Tree>)
            return detail::named_on_tape(e);
        else if constexpr (tree_traits<Tree>::is_leaf)
            return {{e.tree.id}, e.list, e.form};
        else
        {
            if constexpr (Order > 0 && tree_traits<Tree>::has_core)
            {
                const auto tree = detail::split<Tree, Order>(e.list, e.tree, e.form.value);
                using split_tree = std::remove_cvref_t<decltype(tree)>;
                if constexpr (!std::is_same_v<split_tree, Tree>)
                    return named(expression<split_tree, Shape, Order>{tree, e.list, e.form});
            }
            constexpr int count = tree_traits<Tree>::leaves;
            int ids[count > 0 ? count : 1]{};
            leaf_ids(e.tree, ids);
            const int id = e.list->add_statement(&operation_of<Tree, Order>, e.form.value, element_of<type>, ids, count,
                                                 attributes_of(e.tree));
            return {{id}, e.list, e.form};
        }
    }

    /// Walks back from the value `last` and those before it, to which gradients have arrived.
    /// `wanted` are the values whose gradients are asked for: statements that serve no other are not emitted.
    constexpr void walk_back(gradient_pass& pass, int last, const list<int>& wanted)
    {
        recorder& records = pass.records;
        const int count = last + 1;
        for (const int id : wanted)
            if (id < count)
                pass.needed[id] = 1;
        char* const needed = pass.needed.begin();
        const record* const lines = records.records.begin();
        const int* const operands = records.operands.begin();
        for (int id = 0; id < count; ++id)
            for (int k = 0; k < lines[id].operand_count && !needed[id]; ++k)
                needed[id] = needed[operands[lines[id].first_operand + k]];
        for (int id = last; id >= 0; --id)
        {
            const operation* op = records[id].op;
            if (!op || pass.arrived[id] < 0 || !pass.needed[id])
                continue;
            if (op->gradient)
                op->gradient(pass, id);
            else if (is_floating(records[id].type))
                throw error("this value was recorded without the means to differentiate it once more: ask for a higher "
                            "order of derivatives");
        }
    }

    /// Walks back from the scalar `from` and returns, for every value, the id of its gradient or -1.
    constexpr list<int> backward(recorder& records, int from, const list<int>& wanted)
    {
        const int one = records.add_constant(1, records[from].type);
        gradient_pass pass{records, list<int>(from + 1, -1), list<char>(from + 1, 0)};
        pass.arrived[from] = one;
        walk_back(pass, from, wanted);
        return std::move(pass.arrived);
    }
}
