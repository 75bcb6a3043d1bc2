// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/avg_pool.hpp>
#include <xgrad/op/clamp.hpp>
#include <xgrad/op/max_pool.hpp>
#include <xgrad/op/relu.hpp>

/// Functions as members of a `sequential`: they hold nothing.
namespace xgrad::inline XGRAD_ABI::nn
{
    struct relu
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::relu(std::forward<decltype(x)>(x)); }
    };
    struct relu6
    {
        constexpr auto operator()(tensor auto&& x) const { return clamp(std::forward<decltype(x)>(x), 0, 6); }
    };
    template <per_axis Window, pool_options Options = pool_options{}>
    struct max_pool
    {
        constexpr auto operator()(tensor auto&& x) const
        {
            return xgrad::max_pool<Window, Options>(std::forward<decltype(x)>(x));
        }
    };
    template <per_axis Parts>
    struct adaptive_avg_pool
    {
        constexpr auto operator()(tensor auto&& x) const
        {
            return xgrad::adaptive_avg_pool<Parts>(std::forward<decltype(x)>(x));
        }
    };
}
