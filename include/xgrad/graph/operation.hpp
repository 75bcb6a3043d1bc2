// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/channel_form.hpp>
#include <xgrad/graph/expression.hpp>
#include <xgrad/kernel/elementwise.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/workers.hpp>

namespace xgrad::inline XGRAD_ABI
{
    template <class... Types>
    struct type_list
    {
    };

    /// The element types of a tree's leaves, from left to right.
    template <class... Lists>
    struct concatenate_lists;
    template <class... A>
    struct concatenate_lists<type_list<A...>>
    {
        using type = type_list<A...>;
    };
    template <class... A, class... B, class... Rest>
    struct concatenate_lists<type_list<A...>, type_list<B...>, Rest...> : concatenate_lists<type_list<A..., B...>, Rest...>
    {
    };

    template <class Tree>
    struct leaf_types
    {
        using type = type_list<typename Tree::value_type>;
    };
    template <class Function, class... Operands>
    struct leaf_types<apply<Function, Operands...>> : concatenate_lists<typename leaf_types<Operands>::type...>
    {
    };

    namespace detail
    {
        template <int Index, class First, class... Rest>
        constexpr const auto& pick(const First& first, const Rest&... rest)
        {
            if constexpr (Index == 0)
                return first;
            else
                return pick<Index - 1>(rest...);
        }

        template <int First, class Tree>
        struct evaluate // a leaf, or the core whose result is in memory by now
        {
            static constexpr int next = First + 1;
            [[gnu::always_inline]] static constexpr const auto& from(const auto&... values) { return pick<First>(values...); }
        };
        template <int First, class Function, class A>
        struct evaluate<First, apply<Function, A>>
        {
            using a = evaluate<First, A>;
            static constexpr int next = a::next;
            [[gnu::always_inline]] static constexpr auto from(const auto&... values)
            {
                return Function::forward(a::from(values...));
            }
        };
        template <int First, class Function, class A, class B>
        struct evaluate<First, apply<Function, A, B>>
        {
            using a = evaluate<First, A>;
            using b = evaluate<a::next, B>;
            static constexpr int next = b::next;
            [[gnu::always_inline]] static constexpr auto from(const auto&... values)
            {
                return Function::forward(a::from(values...), b::from(values...));
            }
        };
        template <int First, class Function, class A, class B, class C>
        struct evaluate<First, apply<Function, A, B, C>>
        {
            using a = evaluate<First, A>;
            using b = evaluate<a::next, B>;
            using c = evaluate<b::next, C>;
            static constexpr int next = c::next;
            [[gnu::always_inline]] static constexpr auto from(const auto&... values)
            {
                return Function::forward(a::from(values...), b::from(values...), c::from(values...));
            }
        };

        // where a tree's core stands among its leaves
        template <class Tree>
        struct find_core
        {
            using type = void;
            static constexpr int before = tree_traits<Tree>::leaves;
        };
        template <class Kernel, class... Operands>
        struct find_core<core<Kernel, Operands...>>
        {
            using type = core<Kernel, Operands...>;
            static constexpr int before = 0;
        };
        template <class Function, class A>
        struct find_core<apply<Function, A>> : find_core<A>
        {
        };
        template <class Function, class A, class... Rest>
        struct find_core<apply<Function, A, Rest...>>
        {
            static constexpr bool here = tree_traits<A>::has_core;
            using rest = find_core<apply<Function, Rest...>>;
            using type = typename std::conditional_t<here, find_core<A>, rest>::type;
            static constexpr int before = here ? find_core<A>::before : tree_traits<A>::leaves + rest::before;
        };
    }

    /// A tree as a function of the values of its leaves, in order. It is inlined, as functions are whose arguments and results
    /// are lanes: called, they would go through memory.
    template <class Tree>
    struct tree_function
    {
        [[gnu::always_inline]] constexpr auto operator()(const auto&... values) const
        {
            return detail::evaluate<0, Tree>::from(values...);
        }
    };

    /// Runs something with the kernels' template arguments spelled out: With<tree_function<Tree>, Leaf...>.
    template <class Tree, class List = typename leaf_types<Tree>::type>
    struct elementwise_of;
    template <class Tree, class... Leaf>
    struct elementwise_of<Tree, type_list<Leaf...>>
    {
        using out = typename Tree::value_type;
        using type = kernel::elementwise<tree_function<Tree>, out, Leaf...>;
        template <class Reduction>
        using reduction = kernel::reduce<Reduction, tree_function<Tree>, out, Leaf...>;
        static constexpr std::size_t leaves = sizeof...(Leaf);

        /// The tensors of the leaves.
        static constexpr std::array<kernel::tensor_ref, leaves> refs(const kernel::tensor_ref* in)
        {
            std::array<kernel::tensor_ref, leaves> result;
            for (std::size_t k = 0; k < leaves; ++k)
                result[k] = in[k];
            return result;
        }
    };

    namespace detail
    {
        /// Whether a kernel computes every row of its operand by itself, so that threads may share them.
        template <class Kernel>
        inline constexpr bool row_by_row = false;
        template <class Kernel>
            requires requires { Kernel::row_by_row; }
        inline constexpr bool row_by_row<Kernel> = Kernel::row_by_row;

        /// Whether a kernel finishes the channels of its result itself, if it is told how.
        template <class Core>
        inline constexpr bool finishes_channels = false;
        template <class Kernel, class... Operands>
            requires requires { Kernel::finishes_channels; }
        inline constexpr bool finishes_channels<core<Kernel, Operands...>> = Kernel::finishes_channels;

        /// What is fused behind a core: a loop over elements that are final, or how their channels are finished.
        template <class Loop, class T>
        struct epilogue
        {
            const Loop& loop;
            const kernel::channel_finish<T>* finish;
            constexpr void operator()(std::ptrdiff_t first, std::ptrdiff_t last) const { loop.run(first, last); }
        };

        template <class T, class List>
        inline constexpr bool all_of_type = false;
        template <class T, class... Leaf>
        inline constexpr bool all_of_type<T, type_list<Leaf...>> =
            std::is_floating_point_v<T> && (std::is_same_v<T, Leaf> && ...);

        // rows [first, last) of a tensor as one of two axes
        template <element_type T>
        constexpr kernel::tensor_ref rows_of(const kernel::tensor_ref& x, std::ptrdiff_t first, std::ptrdiff_t last)
        {
            const std::ptrdiff_t columns = x.extents.columns();
            shape part;
            part.append(last - first);
            part.append(columns);
            return {kernel::address(x.data.template as<T>() + first * columns), part};
        }

        template <class Out, class Kernel, class... Operands>
        constexpr void run_core(core<Kernel, Operands...>*, const kernel::call& c, auto&& done)
        {
            if constexpr (with_threads && row_by_row<Kernel>)
            {
                const std::ptrdiff_t rows = c.out.extents.rows(), columns = c.out.extents.columns();
                if (const int parts = c.threads ? c.threads->parts(rows * columns, kernel::fewest_shared_elements / 4) : 1;
                    parts > 1 && rows >= parts)
                    return c.threads->split(rows, parts, 1,
                                            [&](int, std::ptrdiff_t first, std::ptrdiff_t last)
                                            {
                                                const kernel::tensor_ref in = rows_of<Out>(c.in[0], first, last);
                                                kernel::call own = c;
                                                own.in = &in;
                                                own.out = rows_of<Out>(c.out, first, last);
                                                Kernel::template forward<Out, Operands...>(
                                                    own, kernel::shifted(done, first * columns));
                                            });
            }
            Kernel::template forward<Out, Operands...>(c, done);
        }

        template <class Tree>
        constexpr void forward(const kernel::call& c)
        {
            using out = typename Tree::value_type;
            if constexpr (!tree_traits<Tree>::has_core)
            {
                using loop = elementwise_of<Tree>;
                const std::ptrdiff_t size = c.out.extents.size();
                const typename loop::type all(c.out, loop::refs(c.in));
                kernel::share(c.threads, size, kernel::fewest_shared_elements / 2, 64,
                              [&](std::ptrdiff_t first, std::ptrdiff_t last) { all.run(first, last); });
            }
            else
            {
                using inner = find_core<Tree>;
                using core_type = typename inner::type;
                kernel::call own = c;
                own.in = c.in + inner::before;
                if constexpr (std::is_same_v<core_type, Tree>)
                    run_core<out>(static_cast<core_type*>(nullptr), own, [](std::ptrdiff_t, std::ptrdiff_t) {});
                else
                {
                    using loop = elementwise_of<Tree>;
                    constexpr std::size_t taken = tree_traits<core_type>::leaves;
                    std::array<kernel::tensor_ref, loop::leaves> refs;
                    for (std::size_t k = 0; k < loop::leaves; ++k)
                        refs[k] = k == inner::before ? c.out : c.in[k < inner::before ? k : k + taken - 1];
                    const typename loop::type rest(c.out, refs);
                    const kernel::channel_finish<out>* told = nullptr;
                    [[maybe_unused]] kernel::channel_finish<out> finish;
                    if constexpr (finishes_channels<core_type> && channel_form_of<Tree>.fits &&
                                  all_of_type<out, typename leaf_types<Tree>::type>)
                        if (!std::is_constant_evaluated() && find_finish(channel_form_of<Tree>, c.out, refs.data(), finish))
                            told = &finish;
                    run_core<out>(static_cast<core_type*>(nullptr), own, epilogue<typename loop::type, out>{rest, told});
                }
            }
        }

        template <class Tree>
        constexpr std::int64_t elementwise_flops()
        {
            if constexpr (requires { typename Tree::function; })
                return []<class F, class... Operands>(apply<F, Operands...>*)
                { return F::flops + (elementwise_flops<Operands>() + ...); }(static_cast<Tree*>(nullptr));
            else
                return 0;
        }

        template <class Kernel, class... Operands>
        constexpr std::int64_t core_flops(core<Kernel, Operands...>*, const signature& s)
        {
            return Kernel::template flops<Operands...>(s);
        }

        template <class Tree>
        constexpr std::int64_t flops(const signature& s)
        {
            std::int64_t total = elementwise_flops<Tree>() * s.out.size();
            if constexpr (tree_traits<Tree>::has_core)
            {
                using inner = find_core<Tree>;
                signature own = s;
                own.operands += inner::before;
                total += core_flops(static_cast<typename inner::type*>(nullptr), own);
            }
            return total;
        }

        template <class Kernel, class... Operands>
        constexpr std::int64_t core_workspace(core<Kernel, Operands...>*, const signature& s)
        {
            if constexpr (requires { Kernel::template workspace<Operands...>(s); })
                return Kernel::template workspace<Operands...>(s);
            else
                return 0;
        }

        template <class Tree>
        constexpr std::int64_t workspace(const signature& s)
        {
            if constexpr (tree_traits<Tree>::has_core)
            {
                using inner = find_core<Tree>;
                signature own = s;
                own.operands += inner::before;
                return core_workspace(static_cast<typename inner::type*>(nullptr), own);
            }
            else
                return 0;
        }
    }
}
