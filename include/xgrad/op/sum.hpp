// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/small_reduce.hpp>
#include <xgrad/op/identity.hpp>
#include <xgrad/op/reshape.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// Asks a reduction to leave its axes in place, with extent 1.
    struct keep_axes_t
    {
    };
    inline constexpr keep_axes_t keep_axes{};

    namespace op
    {
        /// What reductions share; attribute 0 is the set of axes. The operand may be an elementwise expression: it is
        /// evaluated while it is reduced.
        template <class Reduction>
        struct reduction
        {
            template <class Element>
            using value_type = Element;

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                using loop = elementwise_of<Operand>;
                shape space;
                for (std::size_t k = 0; k < loop::leaves; ++k)
                    space = broadcast(space, c.in[k].extents);
                kernel::tensor_ref out = c.out;
                out.extents = reduced(space, static_cast<axis_set>(c.with.value[0]), true);
                loop::template reduction<Reduction>::run(out, space, loop::refs(c.in));
                done(0, out.extents.size());
            }

            // the leading axes of a stored operand
            template <class Statement>
            static constexpr bool small = [](const shape& x, std::int64_t axes)
            { return (axes & (axes + 1)) == 0 && axes != 0 && x.size() <= 4096; }(Statement::template in<0>,
                                                                                  Statement::with.value[0]);

            template <class Statement, class T>
            static void forward_small(T* to, const T* x)
            {
                constexpr std::ptrdiff_t columns = Statement::out.size(), rows = Statement::template in<0>.size() / columns;
                kernel::small::reduce_columns<Reduction, rows, columns, Statement::template widest<T>>(x, to);
            }

            template <class Operand>
            static constexpr std::int64_t flops(const signature& s)
            {
                shape space;
                for (int k = 0; k < tree_traits<Operand>::leaves; ++k)
                    space = broadcast(space, s.in(k));
                return space.size() * (1 + detail::elementwise_flops<Operand>());
            }
        };

        struct sum : reduction<kernel::add_reduction>
        {
            static constexpr auto name = "sum";
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                const shape kept = reduced(x.shape(), static_cast<axis_set>(with.value[0]), true);
                return detail::broadcast_value(detail::reshape_value(g, kept), x.shape());
            }
        };
    }

    namespace detail
    {
        template <int... Axes>
        consteval axis_set axes_of(int rank)
        {
            if constexpr (sizeof...(Axes) == 0)
                return (1u << rank) - 1;
            else
                return ((1u << normal_axis(Axes, rank)) | ...);
        }

        template <int Rank, int... Axes>
        consteval bool axes_exist()
        {
            return ((Axes >= -Rank && Axes < Rank) && ...);
        }

        // the operand of a reduction: an unnamed elementwise expression that fills the space by itself moves in
        template <class X>
        constexpr auto reducible(X&& x)
        {
            using type = expression_type<X>;
            if constexpr (std::is_lvalue_reference_v<X> || tree_traits<typename type::tree_type>::has_core ||
                          tree_traits<typename type::tree_type>::is_leaf)
                return in_memory(x);
            else
                return type(x);
        }

        template <class Kernel, bool Keep, int... Axes, class X>
        constexpr auto reduce_static(X&& x)
        {
            constexpr shape from = shape_of_operand<X>::value;
            static_assert(axes_exist<from.rank, Axes...>(),
                          "xgrad: a reduction names an axis that the tensor does not have; axes count from 0, or from -1 "
                          "backwards");
            static_assert(!std::is_same_v<element_of_operand<X>, bool>,
                          "xgrad: a reduction needs numbers; convert a tensor of bool with cast<float>(x)");
            constexpr axis_set axes = axes_of<Axes...>(from.rank);
            return make_core<Kernel>(shape_type<reduced(from, axes, Keep)>{},
                                     kernel::attributes{{static_cast<std::int64_t>(axes), Keep}},
                                     reducible(std::forward<X>(x)));
        }

        // inside gradient rules
        template <class Kernel, class Tree, class Shape, int Order>
        constexpr auto reduce_value(const expression<Tree, Shape, Order>& x, axis_set axes, bool keep)
        {
            const auto value = named(x);
            return make_core<Kernel>(dynamic{reduced(x.shape(), axes, keep)},
                                     kernel::attributes{{static_cast<std::int64_t>(axes), keep}}, value);
        }
    }

    /// The sum of x over the given axes, all of them if none is given: `sum<0>(x)`, `sum<-1>(x, keep_axes)`.
    /// Derivative: 1, repeated along the axes.
    template <int... Axes>
    constexpr auto sum(tensor auto&& x)
    {
        return detail::reduce_static<op::sum, false, Axes...>(std::forward<decltype(x)>(x));
    }
    template <int... Axes>
    constexpr auto sum(tensor auto&& x, keep_axes_t)
    {
        return detail::reduce_static<op::sum, true, Axes...>(std::forward<decltype(x)>(x));
    }

    /// x summed over the axes along which `to` was broadcast to x's shape.
    template <class Tree, int Order>
    constexpr auto sum_to(const expression<Tree, dynamic, Order>& x, const shape& to)
    {
        const shape from = x.shape();
        axis_set axes = 0;
        for (int axis = 0; axis < from.rank; ++axis)
        {
            const int own = axis - (from.rank - to.rank);
            if (own < 0 || (to.extent[own] == 1 && from.extent[axis] != 1) ||
                (to.extent[own] == 1 && axis == 0 && from.bounded && !to.bounded))
                axes |= 1u << axis;
        }
        return make_core<op::sum>(dynamic{to}, kernel::attributes{{static_cast<std::int64_t>(axes), 1}}, named(x));
    }
}
