// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        template <class To>
        struct cast
        {
            template <class>
            using value_type = To;
            static constexpr auto name = "cast";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto* x = c.in[0].data.template as<typename Operand::value_type>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t size = c.out.extents.size();
                for (std::ptrdiff_t i = 0; i < size; ++i)
                    to[i] = static_cast<Out>(x[i]);
                done(0, size);
            }
            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto, auto x)
            {
                return make_core<cast<typename decltype(x)::value_type>>(dynamic{x.shape()}, {}, g);
            }
        };
    }

    /// x with elements of another type, converted as C++ converts them. Derivative: 1.
    template <element_type To>
    constexpr auto cast(tensor auto&& x)
    {
        using form = shape_of_operand<decltype(x)>;
        return make_core<op::cast<To>>(form{}, {}, in_memory(std::forward<decltype(x)>(x)));
    }
}
