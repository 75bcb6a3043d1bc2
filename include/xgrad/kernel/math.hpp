// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/one_lane.hpp>
#include <xgrad/kernel/scalar_math.hpp>

#include <limits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // The functions that kernels apply, on one number (also in a constant expression) and on lanes.

    template <class V>
    concept scalar = std::is_arithmetic_v<V>;
    template <class V>
    concept vector = !scalar<V>;

    template <class T, class Arch>
    using batch = xsimd::batch<T, Arch>;

    // not x != x: xsimd's comparison is false for NaN with AVX-512
    template <scalar T>
    constexpr bool is_nan(T x)
    {
        return x != x;
    }
    template <class T, class A>
    inline xsimd::batch_bool<T, A> is_nan(const batch<T, A>& x)
    {
        if constexpr (std::is_floating_point_v<T>)
            return xsimd::isnan(x);
        else
            return xsimd::batch_bool<T, A>(false);
    }

    /// f(x), where doubles beyond the limit, at which f has long come to its bound, go in as the limit: of larger ones and of
    /// NaN xsimd 8.1 converts the exponent with a cast that C++ does not define.
    template <class T, class A>
    inline batch<T, A> within(double limit, const batch<T, A>& x, auto&& f)
    {
        if constexpr (sizeof(T) < sizeof(double))
            return f(x);
        else
        {
            const batch<T, A> high(limit), low(-limit);
            const auto inside = xsimd::select(x > high, high, xsimd::select(x < low, low, x));
            return xsimd::select(is_nan(x), x, f(xsimd::select(is_nan(x), high, inside)));
        }
    }

    template <class T, class A>
    inline batch<T, A> exp(const batch<T, A>& x)
    {
        return within(1000, x, [](const auto& v) { return xsimd::exp(v); });
    }
    /// exp(x) - 1, exact also where x is small.
    template <class T, class A>
    inline batch<T, A> expm1(const batch<T, A>& x)
    {
        return within(1000, x, [](const auto& v) { return xsimd::expm1(v); });
    }
    template <class T, class A>
    inline batch<T, A> log(const batch<T, A>& x)
    {
        if constexpr (sizeof(T) < sizeof(double))
            return xsimd::log(x);
        else
        {
            // xsimd 8.1 is 5 % off below the smallest normal double
            const auto small = x < batch<T, A>(std::numeric_limits<T>::min());
            return xsimd::log(xsimd::select(small, x * batch<T, A>(0x1p54), x)) -
                   xsimd::select(small, batch<T, A>(37.429947750237048), batch<T, A>(T(0)));
        }
    }
    template <class T, class A>
    inline batch<T, A> sqrt(const batch<T, A>& x)
    {
        return xsimd::sqrt(x);
    }
    /// tanh|x| = e / (e + 2) with e = exp(2|x|) - 1, which is 2^n (exp(r) - 1) + (2^n - 1): exact where x is small, and one way
    /// for all x (xsimd has two, and takes both where lanes differ: a vector of floats 19 ns instead of 11).
    template <class T, class A>
    [[gnu::always_inline]] inline batch<T, A> tanh(const batch<T, A>& x)
    {
        using lanes = batch<T, A>;
        if constexpr (!std::is_same_v<T, float> || std::is_same_v<A, one_lane>)
            return within(30, x, [](const auto& v) { return xsimd::tanh(v); });
        else // what xsimd lacks where it knows no architecture is found by its arguments
        {
            const lanes one(1.f), size = min(lanes(10.f), xsimd::abs(x)); // from 10 on it is 1; a NaN stays
            // n = 2|x| / log(2), rounded by adding what leaves no bits for a fraction; h = r / 2
            const lanes n = xsimd::fma(size, lanes(2.88539008f), lanes(0x1.8p23f)) - lanes(0x1.8p23f);
            const lanes h = fnma(n, lanes(-1.06097220e-4f), fnma(n, lanes(0.3466796875f), size));
            const lanes h2 = h * h;
            const lanes first = xsimd::fma(h, lanes(4.f / 3), lanes(2.f));
            const lanes second = xsimd::fma(h, lanes(4.f / 15), lanes(2.f / 3));
            const lanes third = xsimd::fma(h, lanes(8.f / 315), lanes(4.f / 45));
            const lanes small = xsimd::fma(h2, xsimd::fma(h2, xsimd::fma(h2, third, second), first), h + h);
            const lanes power = ldexp(one, to_int(n));
            const lanes e = xsimd::fma(power, small, power - one);
            return copysign(e / (e + 2.f), x);
        }
    }
    template <class T, class A>
    inline batch<T, A> erf(const batch<T, A>& x)
    {
        return within(10, x, [](const auto& v) { return xsimd::erf(v); });
    }
    template <class T, class A>
    inline batch<T, A> pow(const batch<T, A>& x, const batch<T, A>& y)
    {
        const batch<T, A> zero(T(0)), one(T(1)), infinity(std::numeric_limits<T>::infinity());
        const batch<T, A> not_a_number(std::numeric_limits<T>::quiet_NaN());
        const auto size = kernel::exp(y * kernel::log(xsimd::abs(x)));
        const auto negative = x < zero, whole = xsimd::trunc(y) == y;
        const auto odd = whole && xsimd::trunc(y * T(0.5)) != y * T(0.5);
        const auto of_negative = xsimd::select(whole || x == -infinity, xsimd::select(odd, -size, size), not_a_number);
        const auto of_zero = xsimd::select(y < zero, infinity, zero);
        const auto other = xsimd::select(x == zero, of_zero, xsimd::select(negative, of_negative, size));
        return xsimd::select(y == zero || x == one, one, xsimd::select(is_nan(y), y, other));
    }
    template <class T, class A>
    inline batch<T, A> sigmoid(const batch<T, A>& x)
    {
        return T(1) / (T(1) + kernel::exp(-x));
    }
    /// log(1 + exp(x)) without overflow: max(x, 0) + log(1 + exp(-|x|)).
    template <class T, class A>
    inline batch<T, A> softplus(const batch<T, A>& x)
    {
        return xsimd::max(x, batch<T, A>(T(0))) + xsimd::log1p(kernel::exp(-xsimd::abs(x)));
    }

    template <scalar T>
    constexpr T abs(T x)
    {
        return x > 0 ? x : static_cast<T>(T(0) - x);
    }
    template <class T, class A>
    inline batch<T, A> abs(const batch<T, A>& x)
    {
        return xsimd::abs(x);
    }

    /// -x; of 0 it is -0, which xsimd 8.1 forgets.
    template <scalar T>
    constexpr T negate(T x)
    {
        return static_cast<T>(-x);
    }
    template <class T, class A>
    inline batch<T, A> negate(const batch<T, A>& x)
    {
        if constexpr (std::is_floating_point_v<T>)
            return batch<T, A>(T(-0.0)) - x;
        else
            return -x;
    }

    template <scalar T>
    constexpr T select(bool condition, T a, T b)
    {
        return condition ? a : b;
    }
    template <class T, class A>
    inline batch<T, A> select(const xsimd::batch_bool<T, A>& condition, const batch<T, A>& a, const batch<T, A>& b)
    {
        return xsimd::select(condition, a, b);
    }

    /// a or b, whichever is larger; a NaN in either wins.
    template <class V>
    constexpr V maximum(const V& a, const V& b)
    {
        return kernel::select(a > b || is_nan(a), a, b);
    }
    /// a or b, whichever is smaller; a NaN in either wins.
    template <class V>
    constexpr V minimum(const V& a, const V& b)
    {
        return kernel::select(a < b || is_nan(a), a, b);
    }

    /// -1, 0 or 1.
    template <class V>
    constexpr V sign(const V& x)
    {
        return kernel::select(x > V(0), V(1), kernel::select(x < V(0), V(-1), V(0)));
    }
}
