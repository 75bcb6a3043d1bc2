// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/graph/parameter.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace detail
    {
        constexpr double square_root(double x) { return kernel::sqrt(x); }
    }

    /// All zero.
    inline constexpr initializer zeros{initializer::constant, 0};
    /// All one.
    inline constexpr initializer ones{initializer::constant, 1};
    /// All equal to a number.
    constexpr initializer constant_value(double value) { return {initializer::constant, value}; }
    /// Normal with mean 0.
    constexpr initializer normal(double standard_deviation) { return {initializer::normal, standard_deviation}; }
    /// Uniform in [-limit, limit).
    constexpr initializer uniform_within(double limit) { return {initializer::uniform, limit}; }
    /// Normal with variance gain^2 / inputs (He et al. 2015); the gain of relu is sqrt(2).
    constexpr initializer kaiming_normal(double inputs, double gain = 1.4142135623730951)
    {
        return {initializer::normal, gain / detail::square_root(inputs)};
    }
    /// Uniform with variance gain^2 / inputs (He et al. 2015).
    constexpr initializer kaiming_uniform(double inputs, double gain = 1.4142135623730951)
    {
        return {initializer::uniform, gain * detail::square_root(3 / inputs)};
    }
    /// Normal with variance 2 gain^2 / (inputs + outputs) (Glorot and Bengio 2010).
    constexpr initializer xavier_normal(double inputs, double outputs, double gain = 1)
    {
        return {initializer::normal, gain * detail::square_root(2 / (inputs + outputs))};
    }
    /// Uniform with variance 2 gain^2 / (inputs + outputs) (Glorot and Bengio 2010).
    constexpr initializer xavier_uniform(double inputs, double outputs, double gain = 1)
    {
        return {initializer::uniform, gain * detail::square_root(6 / (inputs + outputs))};
    }
}
