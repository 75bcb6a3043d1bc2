// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/axis_map.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// What stands beside a padded tensor: zeros, the elements mirrored at the edge, or the edge itself.
    enum class padding
    {
        zeros,
        reflect,
        replicate
    };

    /// x [batch, channels, 1 to 3 axes] with `Before` and `After` more elements at both ends of each axis: `pad<1>(x)`,
    /// `pad<0, per_axis{1, 2}, padding::reflect>(x)`. Derivative: g summed over the places that an element was copied to.
    template <per_axis Before, per_axis After = Before, padding Mode = padding::zeros>
    constexpr auto pad(tensor auto&& x)
    {
        using X = decltype(x);
        constexpr shape from = shape_of_operand<X>::value;
        if constexpr (!detail::require_spatial_operand<X>())
            return detail::refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
        else
        {
            constexpr bool fits = [=]
            {
                bool all = true;
                for (int axis = 0; axis + 2 < from.rank; ++axis)
                    all = all && Before[axis] >= 0 && After[axis] >= 0 &&
                          (Mode != padding::reflect || (Before[axis] < from[axis + 2] && After[axis] < from[axis + 2]));
                return all;
            }();
            static_assert(fits, "xgrad::pad<Before, After, Mode>(x): padding is not negative, and what is reflected is shorter "
                                "than the axis");
            constexpr shape to = [=]
            {
                shape s = from;
                for (int axis = 0; fits && axis + 2 < from.rank; ++axis)
                    s.extent[axis + 2] += Before[axis] + After[axis];
                return s;
            }();
            return detail::map_axes<static_cast<op::axis_source>(Mode), Before, to>(std::forward<X>(x));
        }
    }
}
