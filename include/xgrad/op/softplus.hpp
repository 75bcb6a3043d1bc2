// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/sigmoid.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct softplus : elementwise_function
        {
            static constexpr auto name = "softplus";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::softplus(x);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * xgrad::sigmoid(x);
            }
        };
    }

    /// log(1 + exp(x)), elementwise, without overflow. Derivative: sigmoid(x).
    constexpr auto softplus(tensor auto&& x) { return elementwise<op::softplus>(std::forward<decltype(x)>(x)); }
}
