// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/subtract.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// (x - mean) / sqrt(variance + epsilon) * weight + bias over the last axis (Ba, Kiros and Hinton 2016).
    template <std::ptrdiff_t Width, element_type T = float>
    struct layer_norm
    {
        parameter<T, extents<Width>> weight{ones};
        parameter<T, extents<Width>> bias{zeros};
        double epsilon = 1e-5;

        constexpr auto operator()(tensor auto&& x) const
        {
            const auto value = in_memory(std::forward<decltype(x)>(x));
            const auto centred = named(value - named(mean<-1>(value, keep_axes)));
            const auto deviation = named(sqrt(mean<-1>(square(centred), keep_axes) + epsilon));
            return centred / deviation * weight + bias;
        }
    };
}
