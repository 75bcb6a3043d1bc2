// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/function.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct sign : elementwise_function
        {
            static constexpr auto name = "sign";
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x)
            {
                return kernel::sign(x);
            }
        };
    }

    /// -1, 0 or 1, elementwise. Derivative: 0.
    constexpr auto sign(tensor auto&& x) { return elementwise<op::sign>(std::forward<decltype(x)>(x)); }
}
