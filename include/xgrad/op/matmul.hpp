// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/gemm.hpp>
#include <xgrad/kernel/small_product.hpp>
#include <xgrad/kernel/workers.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/transpose.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        /// The extents of one product; a tensor of one axis is a row on the left, a column on the right.
        struct product
        {
            std::ptrdiff_t m, n, k, inner_b;

            constexpr product(const shape& a, const shape& b, bool transpose_a, bool transpose_b)
            {
                const auto rows_a = a.rank == 1 ? 1 : a[-2], columns_a = a[-1];
                const auto rows_b = b.rank == 1 ? b[-1] : b[-2], columns_b = b.rank == 1 ? 1 : b[-1];
                m = transpose_a ? columns_a : rows_a;
                k = transpose_a ? rows_a : columns_a;
                n = transpose_b ? rows_b : columns_b;
                inner_b = transpose_b ? columns_b : rows_b;
            }
        };

        constexpr shape leading(const shape& s)
        {
            shape result;
            for (int axis = 0; axis + 2 < s.rank; ++axis)
                result.append(s.extent[axis]);
            result.bounded = s.bounded && s.rank > 2;
            return result;
        }

        constexpr shape product_shape(const shape& a, const shape& b, bool transpose_a, bool transpose_b)
        {
            const product p(a, b, transpose_a, transpose_b);
            const shape leading_a = leading(a), leading_b = leading(b);
            shape to = broadcastable(leading_a, leading_b) ? broadcast(leading_a, leading_b) : leading_a;
            if (to.rank == 0)
                to.bounded = a.rank == 2 && a.bounded && !transpose_a;
            if (a.rank > 1)
                to.append(p.m);
            if (b.rank > 1)
                to.append(p.n);
            return to;
        }
    }

    namespace op
    {
        struct matmul
        {
            template <class A, class>
            using value_type = A;
            static constexpr auto name = "matmul";
            static constexpr bool may_transpose = true; // bit 0 the left operand, bit 1 the right one

            // several products with one right-hand matrix are one product with more rows
            static constexpr bool flattens(const shape& a, const shape& b, std::int64_t flags)
            {
                return a.rank > 2 && b.rank <= 2 && !(flags & 1);
            }

            // how many threads share a product's rows
            static constexpr int parts_of(const kernel::call& c, const detail::product& p)
            {
                return c.threads && p.m * p.n * p.k >= kernel::fewest_shared_products
                           ? c.threads->parts(p.m, kernel::fewest_shared_rows)
                           : 1;
            }

            template <class Out, class, class>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const shape &a = c.in[0].extents, &b = c.in[1].extents;
                const bool transpose_a = c.with.value[0] & 1, transpose_b = c.with.value[0] & 2;
                detail::product p(a, b, transpose_a, transpose_b);
                const Out* left = c.in[0].data.template as<Out>();
                const Out* right = c.in[1].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                Out* workspace = std::is_constant_evaluated() ? nullptr : c.workspace.template as<Out>();
                const std::ptrdiff_t stride_a = a[-1], stride_b = b.rank == 1 ? 1 : b[-1];
                const auto one = [&](std::ptrdiff_t at_a, std::ptrdiff_t at_b, std::ptrdiff_t at)
                {
                    if constexpr (with_threads)
                        if (const int parts = parts_of(c, p); parts > 1)
                        {
                            const kernel::shared_parts<Out> shared(
                                *c.threads, parts, static_cast<std::ptrdiff_t>(kernel::gemm_workspace<Out>(p.m, p.n, p.k)));
                            const auto some = [&](int part, std::ptrdiff_t begin, std::ptrdiff_t end)
                            {
                                const kernel::matrix<Out> rows{left + at_a, stride_a, transpose_a};
                                kernel::gemm(end - begin, p.n, p.k, rows.from(begin, 0),
                                             kernel::matrix<Out>{right + at_b, stride_b, transpose_b}, to + at + begin * p.n,
                                             p.n, kernel::write::overwrite, shared.room(part),
                                             [&](std::ptrdiff_t first, std::ptrdiff_t last)
                                             { done(at + (begin + first) * p.n, at + (begin + last) * p.n); });
                            };
                            return c.threads->split(p.m, parts, 8, some);
                        }
                    kernel::gemm(p.m, p.n, p.k, kernel::matrix<Out>{left + at_a, stride_a, transpose_a},
                                 kernel::matrix<Out>{right + at_b, stride_b, transpose_b}, to + at, p.n,
                                 kernel::write::overwrite, workspace,
                                 [&](std::ptrdiff_t first, std::ptrdiff_t last) { done(at + first * p.n, at + last * p.n); });
                };
                if (flattens(a, b, c.with.value[0]))
                {
                    p.m = a.rows();
                    one(0, 0, 0);
                }
                else if (a.rank <= 2 && b.rank <= 2)
                    one(0, 0, 0);
                else
                {
                    const shape leading_a = detail::leading(a), leading_b = detail::leading(b);
                    const shape space = broadcast(leading_a, leading_b);
                    const kernel::nest<2> loops{space, {leading_a, leading_b}};
                    loops.run(0, space.size(),
                              [&](std::ptrdiff_t at, std::ptrdiff_t count, const auto& offset)
                              {
                                  for (std::ptrdiff_t i = 0; i < count; ++i)
                                      one((offset[0] + (loops.moves(0) ? i : 0)) * p.m * p.k,
                                          (offset[1] + (loops.moves(1) ? i : 0)) * p.k * p.n, (at + i) * p.m * p.n);
                              });
                }
            }

            template <class Statement>
            static constexpr detail::product extents_of{Statement::template in<0>, Statement::template in<1>,
                                                        static_cast<bool>(Statement::with.value[0] & 1),
                                                        static_cast<bool>(Statement::with.value[0] & 2)};
            /// Up to here code of constant extents is 7 to 40 % faster than gemm; a right operand of twice as much is not.
            template <class Statement>
            static constexpr bool small =
                Statement::template in<0>.rank <= 2 && Statement::template in<1>.rank <= 2 &&
                extents_of<Statement>.k * extents_of<Statement>.n <= 16384 && extents_of<Statement>.m <= 128;

            static constexpr bool small_sums = true;

            template <class Statement, class T, class Start = kernel::small::zero_start>
            static void forward_small(T* to, const T* a, const T* b, Start start = {})
            {
                constexpr detail::product p = extents_of<Statement>;
                constexpr std::int64_t flags = Statement::with.value[0];
                kernel::small::product<p.m, p.n, p.k, (flags & 1) != 0, (flags & 2) != 0, Statement::template widest<T>>(
                    a, b, to, start);
            }

            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                const detail::product p(s.in(0), s.in(1), s.with.value[0] & 1, s.with.value[0] & 2);
                const std::int64_t columns = s.in(1).rank == 1 ? 1 : p.n;
                const shape a = detail::leading(s.in(0)), b = detail::leading(s.in(1));
                return 2 * p.m * p.k * columns * broadcast(a, b).size();
            }

            template <class A, class>
            static constexpr std::int64_t workspace(const signature& s)
            {
                using type = typename A::value_type;
                const shape &a = s.in(0), &b = s.in(1);
                const detail::product p(a, b, s.with.value[0] & 1, s.with.value[0] & 2);
                const std::ptrdiff_t m = flattens(a, b, s.with.value[0]) ? a.rows() : p.m;
                return static_cast<std::int64_t>(kernel::gemm_workspace<type>(m, p.n, p.k) * sizeof(type));
            }

            template <int Operand>
            static constexpr unsigned needs = Operand == 0 ? needs::second : needs::first;

            // with y = A B: A' = g B^T, B' = A^T g, whatever transposition A and B are stored in
            template <int Operand>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto a, auto b)
            {
                using detail::reshape_value;
                bool ta = with.value[0] & 1, tb = with.value[0] & 2;
                const shape shape_a = a.shape(), shape_b = b.shape();
                const auto product = [](const auto& x, bool tx, const auto& y, bool ty, const shape& like, bool flat)
                {
                    const kernel::attributes flags{{(tx ? 1 : 0) | (ty ? 2 : 0), 0}};
                    const shape to = flat ? like : detail::product_shape(x.shape(), y.shape(), tx, ty);
                    return make_core<matmul>(dynamic{to}, flags, x, y);
                };
                const auto both = [&](const auto& matrix_a, const auto& matrix_b, const auto& matrix_g, bool flat)
                {
                    if constexpr (Operand == 0)
                        return ta ? product(matrix_b, tb, matrix_g, true, shape_a, flat)
                                  : product(matrix_g, false, matrix_b, !tb, shape_a, flat);
                    else
                        return tb ? product(matrix_g, true, matrix_a, ta, shape_b, flat)
                                  : product(matrix_a, !ta, matrix_g, false, shape_b, flat);
                };
                if (shape_a.rank == 2 && shape_b.rank == 2)
                    return both(named(a), named(b), named(g), true);
                const detail::product p(shape_a, shape_b, ta, tb);
                shape flat_a = shape_a, flat_b = shape_b, flat_g = g.shape();
                if (shape_a.rank == 1)
                    flat_a = {{1, shape_a.extent[0]}, 2};
                if (shape_b.rank == 1)
                    flat_b = {{shape_b.extent[0], 1}, 2};
                if (flattens(shape_a, flat_b, with.value[0]))
                {
                    flat_a = {
                        {static_cast<std::int32_t>(shape_a.rows()), shape_a.extent[shape_a.rank - 1]}, 2, shape_a.bounded};
                    flat_g = {{flat_a.extent[0], static_cast<std::int32_t>(p.n)}, 2, shape_a.bounded};
                }
                else if (shape_a.rank == 1 || shape_b.rank == 1)
                {
                    flat_g = detail::leading(shape_a.rank > shape_b.rank ? shape_a : shape_b);
                    if (flat_g.rank == 0)
                        flat_g.bounded = shape_a.rank == 2 && shape_a.bounded;
                    flat_g.append(p.m);
                    flat_g.append(p.n);
                }
                const auto matrix_a = reshape_value(a, flat_a), matrix_b = reshape_value(b, flat_b);
                const auto matrix_g = reshape_value(g, flat_g);
                const bool flat = flat_a.rank == 2 && flat_b.rank == 2;
                return both(matrix_a, matrix_b, matrix_g, flat);
            }
        };
    }

    namespace detail
    {
        // the stored operand of a product, and whether it is read transposed
        template <class X>
        struct factor
        {
            static constexpr bool transposed = false;
            static constexpr auto of(const auto& x) { return in_memory(x); }
            using shape_type = shape_of_operand<X>;
        };
        template <class Leaf, class Shape, int Order>
            requires tree_traits<Leaf>::is_leaf
        struct factor<expression<core<op::transpose, Leaf>, Shape, Order>>
        {
            static constexpr bool transposed = true;
            using shape_type = xgrad::shape_type<detail::transposed(Shape::value)>;
            static constexpr expression<Leaf, shape_type, Order> of(const auto& x) { return {x.tree.operands.a, x.list, {}}; }
        };
        template <class X>
        using factor_of =
            std::conditional_t<std::is_lvalue_reference_v<X>, factor<expression_type<X>&>, factor<expression_type<X>>>;

        template <std::ptrdiff_t ColumnsOfA, std::ptrdiff_t RowsOfB>
        consteval void require_inner_extents()
        {
            static_assert(ColumnsOfA == RowsOfB,
                          "xgrad::matmul(a, b): the columns of a must equal the rows of b (of a linear layer: the last extent "
                          "of what it is given must equal the inputs it was declared with)");
        }
    }

    /// The matrix product over the last two axes; leading axes broadcast. A tensor of one axis is a row on the left and a
    /// column on the right. `transpose(x)` as an operand costs nothing. Derivatives: g B^T, A^T g.
    template <tensor A, tensor B>
    constexpr auto matmul(A&& a, B&& b)
    {
        using left = detail::factor_of<A>;
        using right = detail::factor_of<B>;
        using left_shape = typename left::shape_type;
        using right_shape = typename right::shape_type;
        static_assert(std::is_same_v<element_of_operand<A>, element_of_operand<B>>,
                      "xgrad::matmul(a, b): a and b must have one element type");
        static_assert(std::is_floating_point_v<element_of_operand<A>>,
                      "xgrad::matmul(a, b): a and b must hold floating-point numbers; cast<float>(x) converts");
        static_assert(left_shape::value.rank > 0 && right_shape::value.rank > 0,
                      "xgrad::matmul(a, b): a and b must have at least one axis");
        constexpr detail::product p(left_shape::value, right_shape::value, left::transposed, right::transposed);
        detail::require_inner_extents<p.k, p.inner_b>();
        static_assert(broadcastable(detail::leading(left_shape::value), detail::leading(right_shape::value)),
                      "xgrad::matmul(a, b): the leading axes of a and b do not broadcast");
        static_assert(!(right_shape::value.bounded && right_shape::value.rank <= 2),
                      "xgrad::matmul(a, b): the bounded axis of a batch can only be the rows of a");
        constexpr shape to = detail::product_shape(left_shape::value, right_shape::value, left::transposed, right::transposed);
        constexpr std::int64_t transposed_a = left::transposed ? 1 : 0, transposed_b = right::transposed ? 2 : 0;
        if constexpr (right::transposed && p.m == 1 && p.k > 1 && p.n > 1)
            if (list_of(b)->frozen) // weights are transposed once, and the sums of a row lie side by side
                return make_core<op::matmul>(shape_type<to>{}, kernel::attributes{{transposed_a, 0}}, left::of(a), named(b));
        return make_core<op::matmul>(shape_type<to>{}, kernel::attributes{{transposed_a | transposed_b, 0}}, left::of(a),
                                     right::of(b));
    }
}
