// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/kernel/multiply_add.hpp>
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

    /// Floats on lanes go our own ways, for networks are of floats; doubles go xsimd's, whose errors are as small. What xsimd
    /// knows of no architecture has the standard library's.
    template <class T, class A>
    concept float_lanes = std::is_same_v<T, float> && !std::is_same_v<A, one_lane>;

    /// 2^n and n. Registers themselves: GCC copies structures of batches through memory.
    template <class A>
    struct nearest_power
    {
        typename batch<float, A>::register_type n, power;
    };

    /// 2^n for the whole number n nearest to times x, if that is within -126 and 127; else anything.
    template <class A>
    [[gnu::always_inline]] inline nearest_power<A> power_nearest(const batch<float, A>& x, float times)
    {
        using lanes = batch<float, A>;
        using integers = batch<std::int32_t, A>;
        // the sum has no bits for a fraction, and its last ones are n + 127, the exponent of a float
        const lanes shift(0x1.8p23f + 127), sum = multiply_add(x, lanes(times), shift);
        const auto exponent = integers{reinterpret_cast<typename integers::register_type>(sum.data)} << 23;
        return {sum - shift, reinterpret_cast<typename lanes::register_type>(exponent.data)};
    }

    /// e^(Sign x) = power (1 + Sign rest): power = 2^n, and Sign rest = e^(Sign r) - 1 of what is left of x, |r| <= log(2) / 2.
    template <class A>
    struct exponential
    {
        typename batch<float, A>::register_type power, rest;
    };

    /// A NaN stays, and beyond |x| = 87.3 it is anything. Few operations wait for each other here: cells that stream wait for
    /// little else.
    template <int Sign, class A>
    [[gnu::always_inline]] inline exponential<A> exponential_of(const batch<float, A>& x)
    {
        using lanes = batch<float, A>;
        const auto nearest = power_nearest(x, Sign * 1.44269504f);
        const lanes n(nearest.n), near = multiply_add(n, lanes(Sign * -0.693359375f), x);
        const lanes r = multiply_add(n, lanes(Sign * 2.12194440e-4f), near), r2 = r * r;
        // of all sums of degree 6 the one with the smallest error, 0.05 units of the last place
        const lanes low = multiply_add(r, lanes(0.16666521f), lanes(Sign * 0.49999994f));
        const lanes middle = multiply_add(r, lanes(0.008368704f), lanes(Sign * 0.04166829f));
        const lanes high = multiply_add(r2, lanes(Sign * 0.0013818939f), middle);
        if constexpr (Sign > 0)
            return {nearest.power, multiply_add(r2, multiply_add(r2, high, low), r)};
        else // an operation more, but sigmoid is there 4 cycles earlier
            return {nearest.power, multiply_add(r2 * r2, high, multiply_add(r2, low, r))};
    }

    template <class T, class A>
    inline batch<T, A> exp(const batch<T, A>& x)
    {
        if constexpr (!float_lanes<T, A>)
            return within(1000, x, [](const auto& v) { return xsimd::exp(v); });
        else
        {
            using lanes = batch<T, A>;
            const lanes high(88.3762589f), low(-87.3365402f);
            const auto e = exponential_of<1>(x);
            const lanes power(e.power), y = multiply_add(power, lanes(e.rest), power);
            return select(x > high, lanes(std::numeric_limits<float>::infinity()), select(x < low, lanes(0.f), y));
        }
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
        // of floats on ARM xsimd 8.1 takes x times the iterated 1 / sqrt(x), which is no number for infinity
        if constexpr (std::is_same_v<T, float> && std::is_base_of_v<xsimd::neon, A>)
        {
            const batch<T, A> infinity(std::numeric_limits<T>::infinity());
            return xsimd::select(x == infinity, infinity, xsimd::sqrt(x));
        }
        else
            return xsimd::sqrt(x);
    }
    /// tanh(a + t) = (tanh a + tanh t) / (1 + tanh a tanh t), where a is the multiple n log(2) / 2 nearest to x and so
    /// tanh a = (2^n - 1) / (2^n + 1): exact where x is small, and one way for all x.
    template <class T, class A>
    [[gnu::always_inline]] inline batch<T, A> tanh(const batch<T, A>& x)
    {
        using lanes = batch<T, A>;
        if constexpr (!float_lanes<T, A>)
            return within(30, x, [](const auto& v) { return xsimd::tanh(v); });
        else
        {
            const auto nearest = power_nearest(x, 2.88539008f);
            const lanes power(nearest.power), one(1.f), less = power - one, more = power + one;
            const lanes t = multiply_add(lanes(nearest.n), lanes(-0.34657359f), x), t2 = t * t;
            // of all such sums the one with the smallest error, 0.6 units of the last place
            const lanes rest = multiply_add(t * t2, multiply_add(t2, lanes(0.131f), lanes(-0.33331f)), t);
            const lanes ratio = multiply_add(rest, more, less) / multiply_add(rest, less, more);
            // 1 from 10 on; -0 and a NaN stay. The quotient is the last to come: nothing waits behind it (8 cycles)
            const lanes size = xsimd::abs(x);
            return select(size <= lanes(10.f) && size >= lanes(0x1p-20f), ratio, max(-one, min(one, x)));
        }
    }
    template <class T, class A>
    inline batch<T, A> erf(const batch<T, A>& x)
    {
        return within(10, x, [](const auto& v) { return xsimd::erf(v); });
    }
    /// The normal distribution at x: bell = exp(-x^2 / 2), and below = P(N(0, 1) < x).
    template <class V>
    struct normal_distribution
    {
        V bell, below;
    };
    template <class V>
    [[gnu::always_inline]] constexpr normal_distribution<V> normal(const V& x)
    {
        return {kernel::exp(x * x * V(-0.5)), V(0.5) * (V(1) + kernel::erf(x * V(0.70710678118654752)))};
    }
    /// The sum of powers of x whose coefficients go on after `sum`, the highest of them.
    template <class V, class... Next>
    [[gnu::always_inline]] inline V powers(const V& x, const V& sum, float next, Next... lower)
    {
        const V more = multiply_add(sum, x, V(next));
        if constexpr (sizeof...(Next) > 0)
            return powers(x, more, lower...);
        else
            return more;
    }
    /// Of floats, P(N(0, 1) > |x|) is the bell times the sum of powers of |x| that is closest of all of its degree, 2e-8 off up
    /// to 5.75; from there on the bell alone is as good, below 7e-8.
    template <class T, class A>
        requires float_lanes<T, A>
    [[gnu::always_inline]] inline normal_distribution<batch<T, A>> normal(const batch<T, A>& x)
    {
        using lanes = batch<T, A>;
        const lanes far = min(xsimd::abs(x), lanes(5.75f)), bell = kernel::exp(x * x * lanes(-0.5f));
        const lanes beyond = bell * powers(far, lanes(-3.15550721e-7f), 7.70893712e-6f, -8.47723932e-5f, 5.63659647e-4f,
                                           -2.59011146e-3f, 9.00388882e-3f, -2.5471868e-2f, 6.19239733e-2f, -0.132805809f,
                                           0.249972582f, -0.398940593f, 0.49999997f);
        return {bell, select(x < lanes(0.f), beyond, lanes(1.f) - beyond)};
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
    [[gnu::always_inline]] inline batch<T, A> sigmoid(const batch<T, A>& x)
    {
        using lanes = batch<T, A>;
        if constexpr (!float_lanes<T, A>)
            return T(1) / (T(1) + kernel::exp(-x));
        else
        {
            const lanes one(1.f), limit(87.3365402f);
            const auto e = exponential_of<-1>(x);
            const lanes power(e.power), ratio = -one / multiply_add(power, lanes(e.rest), -one - power);
            return select(xsimd::abs(x) <= limit, ratio, max(lanes(0.f), min(one, x)));
        }
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

    /// -1, 0 or 1.
    template <class V>
    constexpr V sign(const V& x)
    {
        return kernel::select(x > V(0), V(1), kernel::select(x < V(0), V(-1), V(0)));
    }
}
