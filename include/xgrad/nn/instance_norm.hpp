// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/group_norm.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// (x - mean) / sqrt(variance + epsilon) for each channel of each item, x [batch, Channels, ..] (Ulyanov, Vedaldi and
    /// Lempitsky 2016). As in PyTorch there are a weight and a bias only if `Affine` asks for them.
    template <std::ptrdiff_t Channels, bool Affine = false, element_type T = float>
    struct instance_norm
    {
        double epsilon = 1e-5;

        constexpr auto operator()(tensor auto&& x) const
        {
            constexpr bool fits = detail::has_channels<decltype(x), Channels>();
            static_assert(fits, "xgrad::instance_norm<Channels>: x must be [batch, Channels, ..]");
            if constexpr (fits)
                return detail::standardized_groups<Channels>(std::forward<decltype(x)>(x), epsilon);
            else
                return in_memory(std::forward<decltype(x)>(x));
        }
    };
    template <std::ptrdiff_t Channels, element_type T>
    struct instance_norm<Channels, true, T>
    {
        parameter<T, extents<Channels>> weight{ones};
        parameter<T, extents<Channels>> bias{zeros};
        double epsilon = 1e-5;

        constexpr auto operator()(tensor auto&& x) const
        {
            constexpr bool fits = detail::has_channels<decltype(x), Channels>();
            static_assert(fits, "xgrad::instance_norm<Channels>: x must be [batch, Channels, ..]");
            if constexpr (fits)
                return detail::scaled_channels<Channels>(
                    detail::standardized_groups<Channels>(std::forward<decltype(x)>(x), epsilon), weight, bias);
            else
                return in_memory(std::forward<decltype(x)>(x));
        }
    };
}
