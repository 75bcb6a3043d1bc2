// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/abs.hpp>
#include <xgrad/op/compare.hpp>
#include <xgrad/op/erf.hpp>
#include <xgrad/op/exp.hpp>
#include <xgrad/op/log.hpp>
#include <xgrad/op/max.hpp>
#include <xgrad/op/maximum.hpp>
#include <xgrad/op/mean.hpp>
#include <xgrad/op/minimum.hpp>
#include <xgrad/op/pow.hpp>
#include <xgrad/op/sign.hpp>
#include <xgrad/op/sqrt.hpp>
#include <xgrad/op/square.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/op/tanh.hpp>
#include <xgrad/op/where.hpp>
#include <xgrad/op/xtensor_views.hpp>

/// xtensor's own functions on xgrad's tensors, compiled or on a tape: `xt::tanh(xt::square(a) + b) * 2.f` is recorded, and
/// differentiated, like xgrad's own. Constraints make them the better match; xtensor's functions of its containers stay.
namespace xt
{
    template <xgrad::tensor E>
    constexpr auto abs(E&& e)
    {
        return xgrad::abs(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto exp(E&& e)
    {
        return xgrad::exp(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto log(E&& e)
    {
        return xgrad::log(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto sqrt(E&& e)
    {
        return xgrad::sqrt(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto square(E&& e)
    {
        return xgrad::square(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto tanh(E&& e)
    {
        return xgrad::tanh(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto sign(E&& e)
    {
        return xgrad::sign(std::forward<E>(e));
    }
    template <xgrad::tensor E>
    constexpr auto erf(E&& e)
    {
        return xgrad::erf(std::forward<E>(e));
    }

    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto equal(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) == std::forward<E2>(b);
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto not_equal(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) != std::forward<E2>(b);
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto less(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) < std::forward<E2>(b);
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto less_equal(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) <= std::forward<E2>(b);
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto greater(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) > std::forward<E2>(b);
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto greater_equal(E1&& a, E2&& b)
    {
        return std::forward<E1>(a) >= std::forward<E2>(b);
    }

    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto maximum(E1&& a, E2&& b)
    {
        return xgrad::maximum(std::forward<E1>(a), std::forward<E2>(b));
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto minimum(E1&& a, E2&& b)
    {
        return xgrad::minimum(std::forward<E1>(a), std::forward<E2>(b));
    }
    template <class E1, class E2>
        requires xgrad::operands<E1, E2>
    constexpr auto pow(E1&& a, E2&& b)
    {
        return xgrad::pow(std::forward<E1>(a), std::forward<E2>(b));
    }
    template <class E1, class E2, class E3>
        requires xgrad::operands<E1, E2, E3>
    constexpr auto where(E1&& condition, E2&& a, E3&& b)
    {
        return xgrad::where(std::forward<E1>(condition), std::forward<E2>(a), std::forward<E3>(b));
    }

    // Reductions have other template parameters than xtensor's, so these match by being the more special ones.
    template <class Tree, class Shape, int Order>
    constexpr auto sum(const xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::sum(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::sum(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto sum(xgrad::expression<Tree, Shape, Order>&& e)
    {
        return xgrad::sum(std::move(e));
    }
    template <class Tree, class Shape, int Order>
    constexpr auto mean(const xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::mean(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::mean(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto mean(xgrad::expression<Tree, Shape, Order>&& e)
    {
        return xgrad::mean(std::move(e));
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amax(const xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::max(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::max(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amax(xgrad::expression<Tree, Shape, Order>&& e)
    {
        return xgrad::max(std::move(e));
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amin(const xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::min(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order>& e)
    {
        return xgrad::min(e);
    }
    template <class Tree, class Shape, int Order>
    constexpr auto amin(xgrad::expression<Tree, Shape, Order>&& e)
    {
        return xgrad::min(std::move(e));
    }
}
