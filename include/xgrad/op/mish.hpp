// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sigmoid.hpp>
#include <xgrad/op/softplus.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/subtract.hpp>
#include <xgrad/op/tanh.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct mish : elementwise_function
        {
            static constexpr auto name = "mish";
            static constexpr int flops = 3;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return x * kernel::tanh(kernel::softplus(x));
            }
            static constexpr auto slope(auto g, auto x, auto t)
            {
                return g * (t + x * (1 - xgrad::square(t)) * xgrad::sigmoid(x));
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return slope(g, x, xgrad::tanh(xgrad::softplus(x)));
            }
        };
    }

    /// x tanh(softplus(x)), elementwise (Misra 2020). Derivative: t + x (1 - t^2) sigmoid(x) with t = tanh(softplus(x)).
    constexpr auto mish(tensor auto&& x) { return elementwise<op::mish>(std::forward<decltype(x)>(x)); }
}
