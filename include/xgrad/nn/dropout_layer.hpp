// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/dropout.hpp>

namespace xgrad::inline XGRAD_ABI::nn
{
    /// Dropout as a member of a model: `nn::dropout drop{0.2};`.
    struct dropout
    {
        double probability = 0.5;

        constexpr auto operator()(tensor auto&& x) const { return xgrad::dropout(std::forward<decltype(x)>(x), probability); }
    };
}
