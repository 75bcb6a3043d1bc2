// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/divide.hpp>
#include <xgrad/op/maximum.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/subtract.hpp>

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
            else
                return [&]<int... Inner>(std::integer_sequence<int, Inner...>)
                {
                    if constexpr (type::order == 0) // no derivatives, so no training: it fuses with what x is
                        return moved<0, Inner + 2 ...>(std::forward<decltype(x)>(x));
                    else
                        return normalised<0, Inner + 2 ...>(in_memory(std::forward<decltype(x)>(x)));
                }(std::make_integer_sequence<int, type::rank() - 2>{});
        }

    private:
        // from one number a channel to the shape [Channels, 1, ..] that broadcasts over x
        template <int, int... Inner>
        static constexpr auto spread(tensor auto&& x)
        {
            return reshape<Channels, (Inner * 0 + 1)...>(std::forward<decltype(x)>(x));
        }

        // by the running statistics: a scale and a shift of every channel
        template <int... Axes>
        constexpr auto moved(tensor auto&& x) const
        {
            const auto scale = named(weight / sqrt(running_var + epsilon));
            const auto shift = named(bias - running_mean * scale);
            return std::forward<decltype(x)>(x) * spread<Axes...>(scale) + spread<Axes...>(shift);
        }

        template <int... Axes>
        constexpr auto normalised(const auto& x) const
        {
            if (!x.list->training)
                return named(moved<Axes...>(x));
            const auto mean_of_batch = named(mean<Axes...>(x, keep_axes));
            const auto centred = named(x - mean_of_batch);
            const auto variance = named(mean<Axes...>(square(centred), keep_axes));
            const auto count = detail::count_along<Axes...>(x);
            running_mean = running_mean * (1 - momentum) + reshape<Channels>(mean_of_batch) * momentum;
            running_var = running_var * (1 - momentum) + unbiased(reshape<Channels>(variance), count) * momentum;
            return named(centred / named(sqrt(variance + epsilon)) * spread<Axes...>(weight) + spread<Axes...>(bias));
        }

        static constexpr auto unbiased(auto variance, const tensor auto& count)
        {
            return variance * (count / maximum(count - 1, 1));
        }
        static constexpr auto unbiased(auto variance, double count) { return variance * (count / (count > 2 ? count - 1 : 1)); }
    };
}
