// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/scalar_math.hpp>

#include <xsimd/xsimd.hpp>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // The functions that kernels apply, on one number (also in a constant expression) and on lanes.

    template <class V>
    concept scalar = std::is_arithmetic_v<V>;
    template <class V>
    concept vector = !scalar<V>;

    template <class T, class Arch>
    using batch = xsimd::batch<T, Arch>;

    template <class T, class A>
    inline batch<T, A> exp(const batch<T, A>& x) { return xsimd::exp(x); }
    template <class T, class A>
    inline batch<T, A> log(const batch<T, A>& x) { return xsimd::log(x); }
    template <class T, class A>
    inline batch<T, A> sqrt(const batch<T, A>& x) { return xsimd::sqrt(x); }
    template <class T, class A>
    inline batch<T, A> tanh(const batch<T, A>& x) { return xsimd::tanh(x); }
    template <class T, class A>
    inline batch<T, A> erf(const batch<T, A>& x) { return xsimd::erf(x); }
    template <class T, class A>
    inline batch<T, A> pow(const batch<T, A>& x, const batch<T, A>& y) { return xsimd::pow(x, y); }
    template <class T, class A>
    inline batch<T, A> sigmoid(const batch<T, A>& x) { return T(1) / (T(1) + xsimd::exp(-x)); }
    /// log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)).
    template <class T, class A>
    inline batch<T, A> softplus(const batch<T, A>& x)
    {
        return xsimd::max(x, batch<T, A>(T(0))) + xsimd::log1p(xsimd::exp(-xsimd::abs(x)));
    }

    template <scalar T>
    constexpr T abs(T x) { return x < 0 ? -x : x; }
    template <class T, class A>
    inline batch<T, A> abs(const batch<T, A>& x) { return xsimd::abs(x); }

    template <scalar T>
    constexpr T select(bool condition, T a, T b) { return condition ? a : b; }
    template <class T, class A>
    inline batch<T, A> select(const xsimd::batch_bool<T, A>& condition, const batch<T, A>& a, const batch<T, A>& b)
    {
        return xsimd::select(condition, a, b);
    }

    // not x != x: xsimd's comparison is false for NaN with AVX-512
    template <scalar T>
    constexpr bool is_nan(T x) { return x != x; }
    template <class T, class A>
    inline xsimd::batch_bool<T, A> is_nan(const batch<T, A>& x)
    {
        if constexpr (std::is_floating_point_v<T>)
            return xsimd::isnan(x);
        else
            return xsimd::batch_bool<T, A>(false);
    }

    /// a or b, whichever is larger; a NaN in either wins.
    template <class V>
    constexpr V maximum(const V& a, const V& b) { return kernel::select(a > b || is_nan(a), a, b); }
    /// a or b, whichever is smaller; a NaN in either wins.
    template <class V>
    constexpr V minimum(const V& a, const V& b) { return kernel::select(a < b || is_nan(a), a, b); }

    /// -1, 0 or 1.
    template <class V>
    constexpr V sign(const V& x)
    {
        return kernel::select(x > V(0), V(1), kernel::select(x < V(0), V(-1), V(0)));
    }
}
