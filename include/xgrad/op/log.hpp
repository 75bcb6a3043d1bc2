// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/divide.hpp>
#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct log : elementwise_function
        {
            static constexpr auto name = "log";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::log(x);
            }
            template <int>
            static constexpr unsigned needs = needs::first;
            template <int>
            static constexpr auto gradient(auto g, [[maybe_unused]] auto y, [[maybe_unused]] auto x)
            {
                return g / x;
            }
        };
    }

    /// The natural logarithm, elementwise. Derivative: 1 / x.
    constexpr auto log(tensor auto&& x) { return elementwise<op::log>(std::forward<decltype(x)>(x)); }
}
