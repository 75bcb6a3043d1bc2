// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/nn/initializers.hpp>
#include <xgrad/op/add.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/standardize.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        // the channels of a group lie side by side: each group of each item is a row
        template <std::ptrdiff_t Groups, class X>
        constexpr auto standardized_groups(X&& x, double epsilon)
        {
            using form = shape_of_operand<X>;
            constexpr shape rows = []
            {
                shape s;
                s.append(form::value[0]);
                s.append(Groups);
                s.append(form::value.size() / form::value[0] / Groups);
                s.bounded = form::value.bounded;
                return s;
            }();
            return reshape_as(standardize(reshape_as(to_expression(std::forward<X>(x)), shape_type<rows>{}), epsilon), form{});
        }

        template <std::ptrdiff_t Channels>
        constexpr auto scaled_channels(const auto& x, const auto& weight, const auto& bias)
        {
            return [&]<int... Inner>(std::integer_sequence<int, Inner...>)
            {
                return x * reshape<Channels, (Inner * 0 + 1)...>(weight) + reshape<Channels, (Inner * 0 + 1)...>(bias);
            }(std::make_integer_sequence<int, std::remove_cvref_t<decltype(x)>::rank() - 2>{});
        }

        template <class X, std::ptrdiff_t Channels>
        consteval bool has_channels()
        {
            constexpr shape x = shape_of_operand<X>::value;
            return x.rank > 1 && x[x.rank > 1 ? 1 : 0] == Channels;
        }
    }

    /// (x - mean) / sqrt(variance + epsilon) * weight + bias, mean and variance being those of a group of neighbouring
    /// channels of one item, x [batch, Channels, ..] (Wu and He 2018).
    template <std::ptrdiff_t Groups, std::ptrdiff_t Channels, element_type T = float>
    struct group_norm
    {
        static_assert(Groups > 0 && Channels % Groups == 0, "xgrad::group_norm<Groups, Channels>: groups divide the channels");

        parameter<T, extents<Channels>> weight{ones};
        parameter<T, extents<Channels>> bias{zeros};
        double epsilon = 1e-5;

        constexpr auto operator()(tensor auto&& x) const
        {
            constexpr bool fits = detail::has_channels<decltype(x), Channels>();
            static_assert(fits, "xgrad::group_norm<Groups, Channels>: x must be [batch, Channels, ..]");
            if constexpr (fits)
                return detail::scaled_channels<Channels>(
                    detail::standardized_groups<Groups>(std::forward<decltype(x)>(x), epsilon), weight, bias);
            else
                return in_memory(std::forward<decltype(x)>(x));
        }
    };
}
