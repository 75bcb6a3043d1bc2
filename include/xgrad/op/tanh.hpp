// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/subtract.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct tanh : elementwise_function
        {
            static constexpr auto name = "tanh";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::tanh(x);
            }
            template <int>
            static constexpr unsigned needs = needs::result;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g * (1 - y * y);
            }
        };
    }

    /// The hyperbolic tangent, elementwise. Derivative: 1 - y^2.
    constexpr auto tanh(tensor auto&& x) { return elementwise<op::tanh>(std::forward<decltype(x)>(x)); }
}
