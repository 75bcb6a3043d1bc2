// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/divide.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// x / sqrt(mean(x^2) + epsilon) * weight over the last axis (Zhang and Sennrich 2019).
    template <std::ptrdiff_t Width, element_type T = float>
    struct rms_norm
    {
        parameter<T, extents<Width>> weight{ones};
        double epsilon = 1e-6;

        constexpr auto operator()(tensor auto&& x) const
        {
            const auto value = in_memory(std::forward<decltype(x)>(x));
            const auto inverse = named(1 / sqrt(mean<-1>(square(value), keep_axes) + epsilon));
            return value * inverse * weight;
        }
    };
}
