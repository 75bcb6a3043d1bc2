// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/small_product.hpp>
#include <xgrad/meta/type_behind.hpp>
#include <xgrad/plan/small_expression.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Where the memory of a run begins: what places in a plan count from.
    struct plan_memory
    {
        std::byte *scratch, *parameters, *gradients, *persistent;
        std::byte* const* inputs;
        const kernel::random_state* random;
    };

    namespace detail
    {
        // apart: told constants, GCC 12 sees loops that never run and warns of them
        template <class Out, class Kernel, class... Operands>
        [[gnu::noinline]] void run_core_alone(const kernel::call& c)
        {
            run_core<Out>(static_cast<core<Kernel, Operands...>*>(nullptr), c, [](std::ptrdiff_t, std::ptrdiff_t) {});
        }
        [[gnu::noinline]] inline void run_alone(void (*forward)(const kernel::call&), const kernel::call& c) { forward(c); }
    }

    /// Whether a graph is so small that it runs as straight code.
    constexpr bool unrolls(const graph_view& g) { return g.statements() <= 64 && g.flops() <= 250'000; }

    /// A plan as straight code: every statement a call with constant places and extents, which the compiler inlines, instead
    /// of a loop over records. Worth it for small networks, where finding out what to do costs more than doing it.
    template <class Builder, bool Frozen = false>
    class unrolled
    {
        static constexpr const auto& graph = graph_of<Builder>;
        static constexpr const auto& plan = plan_of<Builder, Frozen>;
        static constexpr int records = static_cast<int>(graph.records.size());

    public:
        /// Runs the statements [First, Last) of the list of values.
        template <int First, int Last>
        static void run(const plan_memory& given)
        {
            // a copy, which no statement can write to: values stay in registers from one to the next then
            const plan_memory memory = given;
            statements<First>(memory, std::make_integer_sequence<int, Last - First>{});
        }

    private:
        template <int First, int... I>
        [[gnu::always_inline]] static void statements(const plan_memory& memory, std::integer_sequence<int, I...>)
        {
            (statement<First + I>(memory), ...);
        }

        template <int Id, class T>
        inline static T constant = static_cast<T>(graph.records[Id].number);

        template <int Id, class T>
        [[gnu::always_inline]] static T* place(const plan_memory& memory)
        {
            constexpr record line = graph.records[Id];
            constexpr auto at = static_cast<std::size_t>(line.offset) * size_of(line.type);
            if constexpr (line.from == source::constant)
                return &constant<Id, T>;
            else if constexpr (line.from == source::alias)
                return place<graph.operands[line.first_operand], T>(memory) + line.offset;
            else if constexpr (line.target >= 0)
                return place<line.target, T>(memory);
            else if constexpr (line.from == source::input)
                return reinterpret_cast<T*>(memory.inputs[line.offset]);
            else if constexpr (line.from == source::parameter)
                return reinterpret_cast<T*>(memory.parameters + at);
            else if constexpr (line.from == source::gradient)
                return reinterpret_cast<T*>(memory.gradients + at);
            else if constexpr (line.from == source::persistent)
                return reinterpret_cast<T*>(memory.persistent + at);
            else
                return reinterpret_cast<T*>(memory.scratch + plan.offset[Id]);
        }

        template <int Id>
        [[gnu::always_inline]] static void statement(const plan_memory& memory)
        {
            constexpr record line = graph.records[Id];
            if constexpr (line.from == source::statement && !plan.frozen[Id])
            {
                if constexpr (line.op->is_expression)
                    expression<Id, type_of_key<line.op->forward>>(memory);
                else
                    call<Id>(memory);
            }
        }

        template <int Id, class Tree>
        [[gnu::always_inline]] static void expression(const plan_memory& memory)
        {
            using it = fixed_statement<Builder, Frozen, Id>;
            using known = detail::small_expression<Tree, it>;
            if constexpr (known::exists)
            {
                using type = typename Tree::value_type;
                type* const to = place<Id, type>(memory);
                using sum = detail::sum_with_core<Tree>;
                if constexpr (known::template begins_with<sum::leaf>)
                {
                    using rest = detail::small_expression<typename sum::type, it, Tree, sum::leaf>;
                    const kernel::small::start_at<type, known::template row_stride<sum::leaf>> start{
                        leaf<it, known::template operand<sum::leaf>>(memory, to)};
                    core<Id, rest>(static_cast<typename rest::found::type*>(nullptr), memory, to, start);
                    elementwise<typename sum::type, rest, it>(memory, to);
                }
                else
                {
                    if constexpr (known::has_core)
                        core<Id, known>(static_cast<typename known::found::type*>(nullptr), memory, to);
                    elementwise<Tree, known, it>(memory, to);
                }
            }
            else
                call<Id>(memory);
        }

        // what an expression computes of its leaves, once its core has been computed
        template <class Tree, class Known, class Statement, class T>
        [[gnu::always_inline]] static void elementwise(const plan_memory& memory, T* to)
        {
            if constexpr (!std::is_same_v<typename Known::found::type, Tree>)
                [&]<int... Leaf>(std::integer_sequence<int, Leaf...>) __attribute__((always_inline))
                {
                    Known::template loop<>::type::run(to, leaf<Statement, Known::template operand<Leaf>>(memory, to)...);
                }(std::make_integer_sequence<int, Known::leaves>{});
        }

        template <class Statement, int Operand, class T>
        [[gnu::always_inline]] static const T* leaf(const plan_memory& memory, T* result)
        {
            if constexpr (Operand < 0)
                return result;
            else
                return place<Statement::template id<Operand>, T>(memory);
        }

        template <int Id, class Known, class Kernel, class... Operands, class T, class... Start>
        [[gnu::always_inline]] static void core(xgrad::core<Kernel, Operands...>*, const plan_memory& memory, T* to,
                                                Start... start)
        {
            using operands = typename Known::core_operands;
            if constexpr ((tree_traits<Operands>::is_leaf && ...) && detail::has_small<Kernel, operands>)
                [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline))
                {
                    Kernel::template forward_small<operands>(
                        to,
                        static_cast<const typename Operands::value_type*>(
                            place<operands::template id<K>, typename Operands::value_type>(memory))...,
                        start...);
                }(std::make_integer_sequence<int, static_cast<int>(sizeof...(Operands))>{});
            else
                with_call<Id, Known::before, Known::taken>(memory, &detail::run_core_alone<T, Kernel, Operands...>);
        }

        // any kernel, told the extents at run time
        template <int Id>
        static void call(const plan_memory& memory)
        {
            constexpr record line = graph.records[Id];
            with_call<Id, 0, line.operand_count>(memory, [](const kernel::call& c) { detail::run_alone(line.op->forward, c); });
        }

        template <int Id, int First, int Count>
        [[gnu::always_inline]] static void with_call(const plan_memory& memory, auto&& run)
        {
            using it = fixed_statement<Builder, Frozen, Id>;
            [&]<int... K>(std::integer_sequence<int, K...>) __attribute__((always_inline))
            {
                const kernel::tensor_ref in[Count + 1]{
                    {address<it::template id<First + K>>(memory), it::template in<First + K>}..., {}};
                kernel::call c;
                c.in = in;
                c.count = Count;
                c.out = {address<Id>(memory), it::out};
                c.with = it::with;
                c.random = memory.random;
                c.rows = c.bound = graph.bound;
                if constexpr (plan.workspace[Id] >= 0)
                    c.workspace = kernel::address(memory.scratch + plan.workspace[Id]);
                run(c);
            }(std::make_integer_sequence<int, Count>{});
        }

        template <int Id>
        static kernel::address address(const plan_memory& memory)
        {
            constexpr element type = graph.records[Id].type;
            using element_type = std::remove_pointer_t<decltype(pointer_of<type>())>;
            return kernel::address(place<Id, element_type>(memory));
        }

        template <element Type>
        static constexpr auto pointer_of()
        {
            if constexpr (Type == element::f32)
                return static_cast<float*>(nullptr);
            else if constexpr (Type == element::f64)
                return static_cast<double*>(nullptr);
            else if constexpr (Type == element::i32)
                return static_cast<std::int32_t*>(nullptr);
            else if constexpr (Type == element::i64)
                return static_cast<std::int64_t*>(nullptr);
            else if constexpr (Type == element::u8)
                return static_cast<std::uint8_t*>(nullptr);
            else
                return static_cast<bool*>(nullptr);
        }
    };
}
