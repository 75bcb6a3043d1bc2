// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/batch_normalize.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// (x - mean) / sqrt(variance + epsilon) * weight + bias for each channel, x [batch, Channels, ..] (Ioffe and Szegedy
    /// 2015). In training over the batch, which moves the running statistics by `momentum`; in prediction with these.
    /// PyTorch's names and numerics: the running variance is the unbiased one.
    template <std::ptrdiff_t Channels, element_type T = float>
    struct batch_norm
    {
        parameter<T, extents<Channels>> weight{ones};
        parameter<T, extents<Channels>> bias{zeros};
        state<T, extents<Channels>> running_mean{zeros};
        state<T, extents<Channels>> running_var{ones};
        double epsilon = 1e-5;
        double momentum = 0.1;

        constexpr auto operator()(tensor auto&& x) const
        {
            using type = expression_type<decltype(x)>;
            constexpr bool has_channels = type::rank() > 1 && type::extent(type::rank() > 1 ? 1 : 0) == Channels;
            static_assert(has_channels, "xgrad::batch_norm<Channels>: x must be [batch, Channels, ..]");
            if constexpr (!has_channels)
                return in_memory(std::forward<decltype(x)>(x));
            else if constexpr (type::order == 0) // no derivatives, so no training: it fuses with what x is
                return [&]<int... Inner>(std::integer_sequence<int, Inner...>)
                {
                    const auto scale = named(weight / sqrt(running_var + epsilon));
                    const auto shift = named(bias - running_mean * scale);
                    return std::forward<decltype(x)>(x) * reshape<Channels, (Inner * 0 + 1)...>(scale) +
                           reshape<Channels, (Inner * 0 + 1)...>(shift);
                }(std::make_integer_sequence<int, type::rank() - 2>{});
            else
            {
                const auto value = in_memory(std::forward<decltype(x)>(x));
                const bool training = value.list->training;
                const auto moments = training ? detail::moments_of(value, epsilon)
                                              : detail::known_moments(value, running_mean, running_var, epsilon);
                if (training)
                {
                    running_mean = running_mean * (1 - momentum) + select(moments, op::moment_mean) * momentum;
                    running_var = running_var * (1 - momentum) + select(moments, op::moment_unbiased_variance) * momentum;
                }
                return detail::normalized_with(!training, epsilon, value, moments, in_memory(weight), in_memory(bias));
            }
        }
    };
}
