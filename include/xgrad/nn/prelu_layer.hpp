// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/prelu.hpp>

namespace xgrad::inline XGRAD_ABI::nn
{
    /// x where x > 0, else weight x, the weight being learned: one for each channel, or one for all (He et al. 2015).
    template <std::ptrdiff_t Channels = 1, element_type T = float>
    struct prelu
    {
        parameter<T, extents<Channels>> weight{constant_value(0.25)};

        constexpr auto operator()(tensor auto&& x) const { return xgrad::prelu(std::forward<decltype(x)>(x), weight); }
    };
}
