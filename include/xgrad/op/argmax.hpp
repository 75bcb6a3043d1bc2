// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/sum.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// Attribute 0 is the axis.
        struct argmax
        {
            template <class>
            using value_type = std::int32_t;
            static constexpr auto name = "argmax";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto* x = c.in[0].data.template as<typename Operand::value_type>();
                Out* to = c.out.data.template as<Out>();
                const shape& s = c.in[0].extents;
                const int axis = static_cast<int>(c.with.value[0]);
                const std::ptrdiff_t count = s.extent[axis];
                std::ptrdiff_t inner = 1;
                for (int k = axis + 1; k < s.rank; ++k)
                    inner *= s.extent[k];
                const std::ptrdiff_t size = c.out.extents.size();
                for (std::ptrdiff_t i = 0; i < size; ++i)
                {
                    const auto* row = x + i / inner * inner * count + i % inner;
                    std::ptrdiff_t best = 0;
                    for (std::ptrdiff_t k = 1; k < count; ++k)
                        if (row[k * inner] > row[best * inner] ||
                            (row[k * inner] != row[k * inner] && row[best * inner] == row[best * inner]))
                            best = k;
                    to[i] = static_cast<Out>(best);
                }
                done(0, size);
            }

            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return s.in(0).size();
            }
        };
    }

    /// The place of the largest element along an axis (the first of equals; a NaN wins), int32. No gradient.
    template <int Axis = -1>
    constexpr auto argmax(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        static_assert(detail::axes_exist<from.rank, Axis>(), "xgrad::argmax<Axis>(x): x does not have this axis");
        constexpr int axis = normal_axis(Axis, from.rank);
        return make_core<op::argmax>(shape_type<reduced(from, 1u << axis, false)>{}, kernel::attributes{{axis, 0}},
                                     in_memory(x));
    }
}
