// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/permute.hpp>
#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// Attribute 0 holds the permutation, four bits an axis: axis i of the result is axis p[i] of the operand.
        template <bool LastTwo>
        struct transpose_kernel
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "transpose";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                kernel::permutation(c.in[0].extents, c.out.extents, c.with.value[0])
                    .run(c.in[0].data.template as<Out>(), c.out.data.template as<Out>());
                done(0, c.out.extents.size());
            }

            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }

            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                kernel::attributes back;
                for (int axis = 0; axis < x.shape().rank; ++axis)
                    back.value[0] |= std::int64_t{axis} << 4 * (with.value[0] >> 4 * axis & 15);
                return make_core<transpose_kernel>(dynamic{x.shape()}, back, g);
            }
        };

        using permute = transpose_kernel<false>;
        /// Only the last two axes: a product absorbs it.
        using transpose = transpose_kernel<true>;
    }

    namespace detail
    {
        template <int... Axes>
        constexpr shape permuted(const shape& from)
        {
            shape to;
            to.bounded = from.bounded;
            (to.append(from.extent[normal_axis(Axes, from.rank)]), ...);
            return to;
        }
        constexpr shape transposed(const shape& from)
        {
            shape to = from;
            to.extent[from.rank - 1] = from.extent[from.rank - 2];
            to.extent[from.rank - 2] = from.extent[from.rank - 1];
            return to;
        }
        constexpr bool is_permutation(axis_set axes, int count, int rank) { return count == rank && axes == (1u << rank) - 1; }
    }

    /// x with its axes in another order: axis i of the result is axis Axes[i] of x. Derivative: the inverse permutation.
    template <int... Axes>
        requires(sizeof...(Axes) > 0)
    constexpr auto transpose(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        constexpr int axes[]{normal_axis(Axes, from.rank)...};
        static_assert(detail::is_permutation(((1u << normal_axis(Axes, from.rank)) | ...), sizeof...(Axes), from.rank),
                      "xgrad::transpose<Axes...>(x): the axes must be a permutation of all axes of x");
        static_assert(!from.bounded || axes[0] == 0,
                      "xgrad::transpose<Axes...>(x): the bounded axis of a batch must stay the leading one");
        std::int64_t packed = 0;
        for (int i = 0; i < from.rank; ++i)
            packed |= std::int64_t{axes[i]} << 4 * i;
        return make_core<op::permute>(shape_type<detail::permuted<Axes...>(from)>{}, kernel::attributes{{packed, 0}},
                                      in_memory(std::forward<decltype(x)>(x)));
    }

    /// x with its last two axes exchanged; as an operand of matmul nothing is moved.
    constexpr auto transpose(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        static_assert(from.rank >= 2, "xgrad::transpose(x): x must have at least two axes");
        static_assert(!from.bounded || from.rank > 2,
                      "xgrad::transpose(x): the bounded axis of a batch must stay the leading one");
        std::int64_t packed = 0;
        for (int i = 0; i < from.rank; ++i)
            packed |= std::int64_t{i < from.rank - 2 ? i : 2 * from.rank - 3 - i} << 4 * i;
        return make_core<op::transpose>(shape_type<detail::transposed(from)>{}, kernel::attributes{{packed, 0}},
                                        in_memory(std::forward<decltype(x)>(x)));
    }
}
