// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/axis_map.hpp>

namespace xgrad::inline XGRAD_ABI
{
    /// What stands beside a padded tensor: zeros, the elements mirrored at the edge, the edge itself, or the tensor once more.
    enum class padding
    {
        zeros,
        reflect,
        replicate,
        circular
    };

    namespace detail
    {
        template <per_axis Before, per_axis After, padding Mode>
        constexpr auto padded(tensor auto&& x, double constant)
        {
            using X = decltype(x);
            constexpr shape from = shape_of_operand<X>::value;
            if constexpr (!require_spatial_operand<X>())
                return refused<element_of_operand<X>, 1>(list_of(x), shape_type<from>{});
            else
            {
                constexpr bool fits = [=]
                {
                    bool all = true;
                    for (int axis = 0; axis + 2 < from.rank; ++axis)
                    {
                        const auto longest = Mode == padding::reflect    ? from[axis + 2] - 1
                                             : Mode == padding::circular ? from[axis + 2]
                                                                         : 65535;
                        all = all && Before[axis] >= 0 && After[axis] >= 0 && Before[axis] <= longest && After[axis] <= longest;
                    }
                    return all;
                }();
                static_assert(fits, "xgrad::pad<Before, After, Mode>(x): padding is not negative, what is reflected is shorter "
                                    "than the axis, and what is circular no longer");
                constexpr shape to = [=]
                {
                    shape s = from;
                    for (int axis = 0; fits && axis + 2 < from.rank; ++axis)
                        s.extent[axis + 2] += Before[axis] + After[axis];
                    return s;
                }();
                return map_axes<static_cast<op::axis_source>(Mode), Before, to>(std::forward<X>(x), constant);
            }
        }
    }

    /// x [batch, channels, 1 to 3 axes] with `Before` and `After` more elements at both ends of each axis: `pad<1>(x)`,
    /// `pad<0, per_axis{1, 2}, padding::reflect>(x)`. Derivative: g summed over the places that an element was copied to.
    template <per_axis Before, per_axis After = Before, padding Mode = padding::zeros>
    constexpr auto pad(tensor auto&& x)
    {
        return detail::padded<Before, After, Mode>(std::forward<decltype(x)>(x), 0);
    }

    /// The same with a number beside the tensor, which gets no gradient: `pad<1>(x, 0.5)`.
    template <per_axis Before, per_axis After = Before>
    constexpr auto pad(tensor auto&& x, double value)
    {
        return detail::padded<Before, After, padding::zeros>(std::forward<decltype(x)>(x), value);
    }
}
