// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/matmul.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// y = x W^T + b over the last axis: [.., Inputs] to [.., Outputs], weight [Outputs, Inputs].
    /// Starts as in PyTorch: weight and bias uniform within 1 / sqrt(Inputs).
    template <std::ptrdiff_t Inputs, std::ptrdiff_t Outputs, element_type T = float>
    struct linear
    {
        parameter<T, extents<Outputs, Inputs>> weight{kaiming_uniform(Inputs, 0.57735026918962576)};
        parameter<T, extents<Outputs>> bias{kaiming_uniform(Inputs, 0.57735026918962576)};

        constexpr auto operator()(tensor auto&& x) const
        {
            return matmul(std::forward<decltype(x)>(x), transpose(weight)) + bias;
        }
    };
}
