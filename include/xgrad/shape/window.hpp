// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/shape/shape.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// A number for every spatial axis: `3` for all of them, `{1, 3}` for one each.
    struct per_axis
    {
        int value[3];

        constexpr per_axis(int all) : value{all, all, all} {}
        constexpr per_axis(int first, int second) : value{first, second, second} {}
        constexpr per_axis(int first, int second, int third) : value{first, second, third} {}

        constexpr int operator[](int axis) const { return value[axis]; }
        friend constexpr bool operator==(const per_axis&, const per_axis&) = default;
    };

    /// How a convolution moves over its input, with PyTorch's names and defaults: `conv_options{.stride = 2, .padding = 1}`.
    struct conv_options
    {
        per_axis stride = 1;
        /// Zeros before the first element of an axis, and behind the last one.
        per_axis padding = 0;
        /// Zeros behind the last element, where they differ from those before the first.
        per_axis padding_end = padding;
        per_axis dilation = 1;
        /// Input and output channels fall into so many groups that do not see each other.
        int groups = 1;
        /// Of a transposed convolution: elements that its result is longer.
        per_axis output_padding = 0;
        /// Whether a layer adds a bias.
        bool bias = true;
    };

    /// How pooling moves over its input; the stride is the window unless it is given.
    struct pool_options
    {
        per_axis stride = 0;
        per_axis padding = 0;
        per_axis padding_end = padding;
        per_axis dilation = 1;
        /// Windows may begin inside of the tensor and end behind it.
        bool ceil_mode = false;
        /// Whether padding counts among what an average is taken of.
        bool count_include_pad = true;
    };
}
