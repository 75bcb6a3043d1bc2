// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/standardize.hpp>

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
            return standardize(std::forward<decltype(x)>(x), epsilon) * weight + bias;
        }
    };
}
