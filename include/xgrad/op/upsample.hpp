// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/axis_map.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// How elements between those of a tensor are found: the nearest one, or on the line between two (bilinear for two
    /// axes). Pixels are squares whose outer edges are aligned, PyTorch's align_corners=False; or, as `linear_corners`, points
    /// of which the outermost are aligned, align_corners=True.
    enum class interpolation
    {
        nearest,
        linear,
        linear_corners
    };

    /// x [batch, channels, 1 to 3 axes] with axes of the given lengths: `upsample_to<{32, 48}>(x)`. Derivative: g summed with
    /// the weights that an element had.
    template <per_axis Size, interpolation Mode = interpolation::nearest>
    constexpr auto upsample_to(tensor auto&& x)
    {
        using X = decltype(x);
        constexpr shape from = shape_of_operand<X>::value;
        static_assert(Size[0] > 0 && Size[1] > 0 && Size[2] > 0, "xgrad::upsample_to<Size>(x): axes have at least one element");
        if constexpr (!detail::require_spatial_operand<X>())
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
        else
        {
            constexpr shape to = [=]
            {
                shape s = from;
                for (int axis = 0; axis + 2 < from.rank; ++axis)
                    s.extent[axis + 2] = Size[axis];
                return s;
            }();
            constexpr auto from_nearest = static_cast<int>(op::axis_source::nearest);
            return detail::map_axes<op::axis_source{from_nearest + static_cast<int>(Mode)}, per_axis(0), to>(
                std::forward<X>(x));
        }
    }

    /// The same with axes so many times as long: `upsample<2, interpolation::linear>(x)`.
    template <per_axis Scale, interpolation Mode = interpolation::nearest>
    constexpr auto upsample(tensor auto&& x)
    {
        constexpr shape from = shape_of_operand<decltype(x)>::value;
        constexpr auto size = [=](int axis)
        { return axis + 2 < from.rank ? static_cast<int>(from.extent[axis + 2]) * Scale[axis] : 1; };
        return upsample_to<per_axis{size(0), size(1), size(2)}, Mode>(std::forward<decltype(x)>(x));
    }
}
