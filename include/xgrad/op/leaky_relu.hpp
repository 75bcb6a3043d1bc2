// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/prelu.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// x where x > 0, else slope x, elementwise (Maas, Hannun and Ng 2013). Derivative: 1 where x > 0, else slope.
    constexpr auto leaky_relu(tensor auto&& x, double slope = 0.01)
    {
        return elementwise<op::prelu>(std::forward<decltype(x)>(x), slope);
    }
}
