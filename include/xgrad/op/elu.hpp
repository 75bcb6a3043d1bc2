// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/function.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/where.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct elu : elementwise_function
        {
            static constexpr auto name = "elu";
            static constexpr int flops = 3;
            template <class V>
            [[gnu::always_inline]] static constexpr V forward(const V& x, const V& alpha)
            {
                return kernel::select(x > V(0), x, alpha * kernel::expm1(x));
            }
            template <int>
            static constexpr unsigned needs = needs::result | needs::second;
            template <int>
            static constexpr auto gradient(auto g, auto y, auto, auto alpha)
            {
                return xgrad::where(y > 0, g, g * (y + alpha));
            }
        };
    }

    /// x where x > 0, else alpha (exp(x) - 1), elementwise; alpha >= 0 (Clevert, Unterthiner and Hochreiter 2016).
    /// Derivative: 1 where x > 0, else y + alpha.
    constexpr auto elu(tensor auto&& x, double alpha = 1)
    {
        if (!(alpha >= 0))
            throw range_error("xgrad::elu(x, alpha): alpha must not be negative");
        return elementwise<op::elu>(std::forward<decltype(x)>(x), alpha);
    }
}
