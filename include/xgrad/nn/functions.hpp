// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/avg_pool.hpp>
#include <xgrad/op/clamp.hpp>
#include <xgrad/op/elu.hpp>
#include <xgrad/op/gelu.hpp>
#include <xgrad/op/hardswish.hpp>
#include <xgrad/op/leaky_relu.hpp>
#include <xgrad/op/max_pool.hpp>
#include <xgrad/op/relu.hpp>
#include <xgrad/op/reshape.hpp>
#include <xgrad/op/sigmoid.hpp>
#include <xgrad/op/silu.hpp>
#include <xgrad/op/tanh.hpp>
#include <xgrad/op/upsample.hpp>

/// Functions as members of a `sequential`, with their defaults: they hold nothing.
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
    struct elu
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::elu(std::forward<decltype(x)>(x)); }
    };
    struct gelu
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::gelu(std::forward<decltype(x)>(x)); }
    };
    struct hardswish
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::hardswish(std::forward<decltype(x)>(x)); }
    };
    struct leaky_relu
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::leaky_relu(std::forward<decltype(x)>(x)); }
    };
    struct sigmoid
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::sigmoid(std::forward<decltype(x)>(x)); }
    };
    struct silu
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::silu(std::forward<decltype(x)>(x)); }
    };
    struct tanh
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::tanh(std::forward<decltype(x)>(x)); }
    };
    struct global_avg_pool
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::global_avg_pool(std::forward<decltype(x)>(x)); }
    };
    struct flatten
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::flatten(std::forward<decltype(x)>(x)); }
    };
    template <per_axis Window, pool_options Options = pool_options{}>
    struct avg_pool
    {
        constexpr auto operator()(tensor auto&& x) const
        {
            return xgrad::avg_pool<Window, Options>(std::forward<decltype(x)>(x));
        }
    };
    template <per_axis Scale, interpolation Mode = interpolation::nearest>
    struct upsample
    {
        constexpr auto operator()(tensor auto&& x) const { return xgrad::upsample<Scale, Mode>(std::forward<decltype(x)>(x)); }
    };
    /// Any other function: `nn::function<[](auto x) { return pad<1, 1, padding::reflect>(x); }>`.
    template <auto Function>
    struct function
    {
        constexpr auto operator()(tensor auto&& x) const { return Function(std::forward<decltype(x)>(x)); }
    };
}
