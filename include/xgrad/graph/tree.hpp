// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/memory.hpp>

namespace xgrad::inline XGRAD_ABI
{
    // The structure of an expression, without shapes: equal layers of any size share what is made from it.

    /// A value in memory.
    template <element_type T>
    struct leaf
    {
        using value_type = T;
        int id;
    };

    /// A number written in the program; it never has a gradient.
    template <element_type T>
    struct constant
    {
        using value_type = T;
        int id;
    };

    /// An elementwise function of up to three operands.
    template <class Function, class... Operands>
    struct apply;

    /// An operation with a loop nest of its own and up to five operands; an expression holds at most one, the rest of it
    /// fuses around.
    template <class Kernel, class... Operands>
    struct core;

    template <class First, class... Rest>
    struct last_type : last_type<Rest...>
    {
    };
    template <class Last>
    struct last_type<Last>
    {
        using type = Last;
    };

    template <class... Operands>
    struct operand_list;
    template <>
    struct operand_list<>
    {
        constexpr void visit(auto&&) const {}
    };
    template <class A>
    struct operand_list<A>
    {
        A a;
        constexpr decltype(auto) visit(auto&& f) const { return f(a); }
    };
    template <class A, class B>
    struct operand_list<A, B>
    {
        A a;
        B b;
        constexpr decltype(auto) visit(auto&& f) const { return f(a, b); }
    };
    template <class A, class B, class C>
    struct operand_list<A, B, C>
    {
        A a;
        B b;
        C c;
        constexpr decltype(auto) visit(auto&& f) const { return f(a, b, c); }
    };
    template <class A, class B, class C, class D>
    struct operand_list<A, B, C, D>
    {
        A a;
        B b;
        C c;
        D d;
        constexpr decltype(auto) visit(auto&& f) const { return f(a, b, c, d); }
    };
    template <class A, class B, class C, class D, class E>
    struct operand_list<A, B, C, D, E>
    {
        A a;
        B b;
        C c;
        D d;
        E e;
        constexpr decltype(auto) visit(auto&& f) const { return f(a, b, c, d, e); }
    };

    template <class Function, class... Operands>
    struct apply
    {
        using function = Function;
        using value_type = typename Function::template value_type<typename Operands::value_type...>;
        operand_list<Operands...> operands;
    };

    template <class Kernel, class... Operands>
    struct core
    {
        using kernel_type = Kernel;
        using value_type = typename Kernel::template value_type<typename Operands::value_type...>;
        operand_list<Operands...> operands;
        kernel::attributes with;
    };

    /// What the compiler knows of a tree.
    template <class Tree>
    struct tree_traits;

    template <class T>
    struct tree_traits<leaf<T>>
    {
        static constexpr bool is_leaf = true, has_core = false, is_constant = false;
        static constexpr int leaves = 1;
    };
    template <class T>
    struct tree_traits<constant<T>>
    {
        static constexpr bool is_leaf = true, has_core = false, is_constant = true;
        static constexpr int leaves = 1;
    };
    template <class Function, class... Operands>
    struct tree_traits<apply<Function, Operands...>>
    {
        static constexpr bool is_leaf = false, has_core = (tree_traits<Operands>::has_core || ...);
        static constexpr bool is_constant = (tree_traits<Operands>::is_constant && ...);
        static constexpr int leaves = (tree_traits<Operands>::leaves + ...);
    };
    template <class Kernel, class... Operands>
    struct tree_traits<core<Kernel, Operands...>>
    {
        static constexpr bool is_leaf = false, has_core = true, is_constant = false;
        static constexpr int leaves = (0 + ... + tree_traits<Operands>::leaves);
    };

    // Written out by arity: the compiler runs these for every statement, and a call through a lambda costs it as much as
    // the work itself.

    /// Writes the ids of a tree's leaves, from left to right, and returns the end of what was written.
    template <class T>
    constexpr int* leaf_ids(const leaf<T>& tree, int* to)
    {
        *to = tree.id;
        return to + 1;
    }
    template <class T>
    constexpr int* leaf_ids(const constant<T>& tree, int* to)
    {
        *to = tree.id;
        return to + 1;
    }
    template <class Tree>
    constexpr int* leaf_ids(const Tree& tree, int* to)
    {
        if constexpr (requires { tree.operands.a; })
            to = leaf_ids(tree.operands.a, to);
        if constexpr (requires { tree.operands.b; })
            to = leaf_ids(tree.operands.b, to);
        if constexpr (requires { tree.operands.c; })
            to = leaf_ids(tree.operands.c, to);
        if constexpr (requires { tree.operands.d; })
            to = leaf_ids(tree.operands.d, to);
        if constexpr (requires { tree.operands.e; })
            to = leaf_ids(tree.operands.e, to);
        return to;
    }

    /// The attributes of a tree's core, if it has one.
    template <class Tree>
    constexpr kernel::attributes attributes_of(const Tree& tree)
    {
        if constexpr (!tree_traits<Tree>::has_core)
            return {};
        else if constexpr (requires { tree.with; })
            return tree.with;
        else if constexpr (tree_traits<std::remove_cvref_t<decltype(tree.operands.a)>>::has_core)
            return attributes_of(tree.operands.a);
        else if constexpr (tree_traits<std::remove_cvref_t<decltype(tree.operands.b)>>::has_core)
            return attributes_of(tree.operands.b);
        else
            return attributes_of(tree.operands.c);
    }

    /// A tree of the given type from the operand ids and attributes of a recorded statement.
    template <class Tree>
    struct rebuild;
    template <class T>
    struct rebuild<leaf<T>>
    {
        static constexpr leaf<T> from(const int*& ids, const kernel::attributes&) { return {*ids++}; }
    };
    template <class T>
    struct rebuild<constant<T>>
    {
        static constexpr constant<T> from(const int*& ids, const kernel::attributes&) { return {*ids++}; }
    };
    template <class Function, class... Operands>
    struct rebuild<apply<Function, Operands...>>
    {
        static constexpr apply<Function, Operands...> from(const int*& ids, const kernel::attributes& with)
        {
            return {{rebuild<Operands>::from(ids, with)...}};
        }
    };
    template <class Kernel, class... Operands>
    struct rebuild<core<Kernel, Operands...>>
    {
        static constexpr core<Kernel, Operands...> from(const int*& ids, const kernel::attributes& with)
        {
            return {{rebuild<Operands>::from(ids, with)...}, with};
        }
    };
}
