// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct identity : elementwise_function
        {
            static constexpr auto name = "identity";
            static constexpr int flops = 0;
            static constexpr bool takes_bool = true;
            static constexpr auto forward(const auto& x) { return x; }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(auto g, auto, auto)
            {
                return g;
            }
        };

        /// An elementwise function without a gradient rule: what stops a gradient.
        struct stop_gradient : elementwise_function
        {
            static constexpr auto name = "stop_gradient";
            static constexpr int flops = 0;
            static constexpr bool takes_bool = true;
            static constexpr auto forward(const auto& x) { return x; }
        };
    }

    namespace detail
    {
        /// x repeated to a larger shape, inside gradient rules.
        template <class Tree, class Shape, int Order>
        constexpr auto broadcast_value(const expression<Tree, Shape, Order>& x, const shape& to)
        {
            const auto value = named(x);
            return expression<apply<op::identity, leaf_for<Tree>>, dynamic, Order>{{{value.tree}}, x.list, {to}};
        }
    }

    /// x repeated along axes of extent 1, or new leading axes, to the given shape: `broadcast_to<extents<3, 4>>(x)`.
    /// Derivative: the sum over the repeated axes.
    template <static_shape To, tensor X>
    constexpr auto broadcast_to(X&& x)
    {
        using from = shape_of_operand<X>;
        static_assert(broadcastable(from::value, To::value) && broadcast(from::value, To::value) == To::value,
                      "xgrad::broadcast_to<To>(x): x repeats only along axes of extent 1 and new leading axes");
        const auto value = in_memory(x);
        using tree = apply<op::identity, std::remove_cvref_t<decltype(value.tree)>>;
        return named(expression<tree, To, decltype(value)::order>{{{value.tree}}, value.list, {}});
    }

    /// The value of x, through which no gradient flows.
    constexpr auto stop_gradient(tensor auto&& x) { return elementwise<op::stop_gradient>(std::forward<decltype(x)>(x)); }
}
