// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace xgrad::inline XGRAD_ABI::kernel
{
    // The functions of <cmath> that a constant expression may call too. There, they compute in double, at most 2 ulp
    // off.
    //
    // The reductions and coefficients of exp, expm1, log, log1p and erf are those of fdlibm:
    // Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Permission to use, copy, modify, and distribute
    // this software is freely granted, provided that this notice is preserved.
    //
    // Compilers refuse constant expressions in which an operation overflows, divides by zero or makes a NaN out of
    // numbers. So these results are returned by name.
    namespace detail
    {
        inline constexpr double infinity = std::numeric_limits<double>::infinity();
        inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
        inline constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;

        constexpr double magnitude(double x) { return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) << 1 >> 1); }
        constexpr bool negative(double x) { return std::bit_cast<std::int64_t>(x) < 0; }
        constexpr double with_sign_of(double x, double sign) { return negative(sign) ? -magnitude(x) : magnitude(x); }
        constexpr double power_of_2(int k) { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

        // y 2^k for y in [1/2, 2) and k from -1100 to 1024.
        constexpr double scale(double y, int k)
        {
            if (k == 1024)
                return y < 1 ? 2 * y * power_of_2(1023) : infinity;
            return k < -1020 ? y * power_of_2(k + 100) * 0x1p-100 : y * power_of_2(k);
        }

        template <std::size_t N>
        constexpr double polynomial(double x, const double (&coefficients)[N])
        {
            double sum = coefficients[N - 1];
            for (std::size_t i = N - 1; i-- > 0;)
                sum = sum * x + coefficients[i];
            return sum;
        }

        constexpr int multiple_of_log2(double x)
        {
            return static_cast<int>(1.44269504088896338700e+00 * x + (x < 0 ? -0.5 : 0.5));
        }

        // exp(x + rest) for a small rest.
        constexpr double exp(double x, double rest = 0)
        {
            if (x != x)
                return x;
            if (x > 7.09782712893383973096e+02)
                return infinity;
            if (x < -7.45133219101941108420e+02)
                return 0;
            const int k = multiple_of_log2(x);
            const double high = x - k * log2_high, low = k * log2_low, r = high - low;
            const double c =
                r - r * r *
                        polynomial(r * r, {1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05,
                                           -1.65339022054652515390e-06, 4.13813679705723846039e-08});
            const double y = 1 + (r * c / (2 - c) - low + high);
            return scale(y + y * rest, k);
        }

        constexpr double expm1(double x)
        {
            if (x != x || magnitude(x) < 0x1p-54)
                return x;
            if (x > 7.09782712893383973096e+02)
                return infinity;
            if (x < -40)
                return -1;
            const int k = magnitude(x) > 3.46573590279972654709e-01 ? multiple_of_log2(x) : 0;
            const double high = x - k * log2_high, low = k * log2_low, r = high - low, c = high - r - low;
            const double half = 0.5 * r, square = r * half;
            const double r1 =
                polynomial(square, {1, -3.33333333333331316428e-02, 1.58730158725481460165e-03, -7.93650757867487942473e-05,
                                    4.00821782732936239552e-06, -2.01099218183624371326e-07});
            const double t = 3 - r1 * half;
            double e = square * ((r1 - t) / (6 - r * t));
            if (k == 0)
                return r - (r * e - square);
            e = r * (e - c) - c - square;
            if (k == -1)
                return 0.5 * (r - e) - 0.5;
            if (k == 1)
                return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
            if (k < 0 || k > 56)
                return k > 56 ? scale(r - e + 1, k) : scale(r - e + 1, k) - 1;
            const double u = power_of_2(-k);
            return (k < 20 ? r - e + (1 - u) : r - (e + u) + 1) * power_of_2(k);
        }

        // log((1 + f) 2^k) + correction, for 1 + f in [sqrt(1/2), sqrt(2)].
        constexpr double log_reduced(double f, int k, double correction)
        {
            const double half = 0.5 * f * f, s = f / (2 + f), z = s * s;
            const double series =
                z * polynomial(z, {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
                                   2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01,
                                   1.479819860511658591e-01});
            return s * (half + series) + (k * log2_low + correction) - half + f + k * log2_high;
        }

        // A positive number as mantissa 2^exponent, mantissa in [sqrt(1/2), sqrt(2)).
        struct parts
        {
            double mantissa;
            int exponent;

            constexpr explicit parts(double x)
            {
                const bool subnormal = x < 0x1p-1022;
                const std::uint64_t offset = 0x3ff0000000000000 - 0x3fe6a09e00000000;
                const std::uint64_t bits = std::bit_cast<std::uint64_t>(subnormal ? x * 0x1p54 : x) + offset;
                exponent = static_cast<int>(bits >> 52) - 1023 - (subnormal ? 54 : 0);
                mantissa = std::bit_cast<double>((bits & 0x000fffffffffffff) + 0x3fe6a09e00000000);
            }
        };

        constexpr double log(double x)
        {
            if (x != x || x == infinity)
                return x;
            if (x <= 0)
                return x < 0 ? not_a_number : -infinity;
            const parts p(x);
            return log_reduced(p.mantissa - 1, p.exponent, 0);
        }

        constexpr double log1p(double x)
        {
            if (x != x || x == infinity || magnitude(x) < 0x1p-54)
                return x;
            if (x <= -1)
                return x < -1 ? not_a_number : -infinity;
            if (x > -0.2928 && x < 0.4142)
                return log_reduced(x, 0, 0);
            const double sum = 1 + x;
            const parts p(sum);
            // What the sum lost by rounding.
            const double lost = p.exponent >= 54 ? 0 : p.exponent >= 2 ? 1 - (sum - x) : x - (sum - 1);
            return log_reduced(p.mantissa - 1, p.exponent, lost / sum);
        }

        // The unevaluated sum of two numbers, twice as precise as one.
        struct pair
        {
            double high, low;
        };
        constexpr pair sum_of(double a, double b)
        {
            const double sum = a + b, part = sum - a;
            return {sum, (a - (sum - part)) + (b - part)};
        }
        constexpr double upper_half(double a)
        {
            return std::bit_cast<double>(std::bit_cast<std::uint64_t>(a) & 0xfffffffff8000000);
        }
        constexpr pair product_of(double a, double b)
        {
            const double a1 = upper_half(a), a2 = a - a1, b1 = upper_half(b), b2 = b - b1, product = a * b;
            return {product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2};
        }
        constexpr pair operator+(pair a, pair b)
        {
            const pair sum = sum_of(a.high, b.high);
            return sum_of(sum.high, sum.low + (a.low + b.low));
        }
        constexpr pair operator*(pair a, pair b)
        {
            const pair product = product_of(a.high, b.high);
            return sum_of(product.high, product.low + (a.high * b.low + a.low * b.high));
        }

        constexpr pair quotient_of(double a, pair b)
        {
            const double quotient = a / b.high;
            const pair back = product_of(quotient, b.high);
            return sum_of(quotient, ((a - back.high) - back.low - quotient * b.low) / b.high);
        }

        constexpr double tanh(double x)
        {
            if (x != x)
                return x;
            const double a = magnitude(x);
            if (a > 22)
                return with_sign_of(1, x);
            // Each form where its denominator is not the difference of close numbers.
            if (a > 0.5493061443340548)
                return with_sign_of(1 - 2 / (detail::expm1(2 * a) + 2), x);
            const double t = detail::expm1(a > 0.2554128118829954 ? 2 * a : -2 * a);
            return with_sign_of(quotient_of(t, sum_of(2, t)).high, x);
        }

        constexpr double erf(double x)
        {
            if (x != x)
                return x;
            const double a = magnitude(x);
            if (a < 0x1p-28)
                return x + 1.28379167095512586316e-01 * x;
            if (a < 0.84375)
            {
                const double p =
                    polynomial(x * x, {1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
                                       -5.77027029648944159157e-03, -2.37630166566501626084e-05});
                const double q =
                    polynomial(x * x, {1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
                                       1.32494738004321644526e-04, -3.96022827877536812320e-06});
                return x + x * (p / q);
            }
            if (a < 1.25)
            {
                const double p =
                    polynomial(a - 1, {-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
                                       3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
                                       -2.16637559486879084300e-03});
                const double q =
                    polynomial(a - 1, {1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
                                       1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02});
                return with_sign_of(8.45062911510467529297e-01 + p / q, x);
            }
            if (a >= 6)
                return with_sign_of(1, x);
            const double s = 1 / (a * a);
            double p = 0, q = 0;
            if (a < 1 / 0.35)
            {
                p = polynomial(s, {-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
                                   -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
                                   -8.12874355063065934246e+01, -9.81432934416914548592e+00});
                q = polynomial(s, {1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
                                   6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
                                   6.57024977031928170135e+00, -6.04244152148580987438e-02});
            }
            else
            {
                p = polynomial(s, {-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
                                   -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
                                   -4.83519191608651397019e+02});
                q = polynomial(s, {1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
                                   3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
                                   -2.24409524465858183362e+01});
            }
            // exp(-a a) in two factors, the first of an argument that is exact.
            const double z = std::bit_cast<double>(std::bit_cast<std::uint64_t>(a) & 0xffffffff00000000);
            const double r = detail::exp(-z * z - 0.5625) * detail::exp((z - a) * (z + a) + p / q);
            return with_sign_of(1 - r / a, x);
        }

        constexpr double sqrt(double x)
        {
            if (x != x || x == 0 || x == infinity)
                return x;
            if (x < 0)
                return not_a_number;
            // x = m 4^k with m in [1/2, 3]: squares can neither overflow nor lose bits.
            const parts p(x);
            const int k = (p.exponent - (p.exponent & 1)) / 2;
            const double m = p.exponent & 1 ? 2 * p.mantissa : p.mantissa;
            double root = 0.5 + 0.5 * m;
            for (int i = 0; i < 4; ++i)
                root = 0.5 * (root + m / root);
            const pair square = product_of(root, root);
            return (root + ((m - square.high) - square.low) / (2 * root)) * power_of_2(k);
        }

        // log(x) for a positive number, to 70 bits: 2 artanh((m - 1) / (m + 1)) + k log(2).
        constexpr pair precise_log(double x)
        {
            const parts p(x);
            const pair s = quotient_of(p.mantissa - 1, sum_of(p.mantissa, 1)), z = s * s;
            const double tail = polynomial(
                z.high, {1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15, 1. / 17, 1. / 19, 1. / 21, 1. / 23, 1. / 25, 1. / 27});
            const pair fifth{0.2, -1.1102230246251565e-17}, third{1. / 3, 1.850371707708594e-17};
            const pair series = pair{1, 0} + z * (third + z * (fifth + pair{z.high * tail, 0}));
            const pair mantissa = pair{2 * s.high, 2 * s.low} * series;
            const double k = p.exponent;
            return sum_of(k * log2_high, k * log2_low) + mantissa;
        }

        // a^n, rounded once, if no power of a on the way is out of range.
        constexpr double whole_power(double a, int n)
        {
            pair power{1, 0}, square{a, 0};
            for (int left = n < 0 ? -n : n;; square = square * square)
            {
                if (left & 1)
                    power = power * square;
                if ((left >>= 1) == 0)
                    break;
            }
            if (n >= 0)
                return power.high + power.low;
            return quotient_of(1, power).high;
        }

        constexpr double pow(double x, double y)
        {
            if (y == 0 || x == 1)
                return 1;
            if (y == 1)
                return x;
            if (x != x || y != y)
                return x != x ? x : y;
            const double a = magnitude(x), b = magnitude(y);
            const bool huge = b >= 0x1p53;
            const bool whole = huge || static_cast<double>(static_cast<std::int64_t>(y)) == y;
            const bool odd = !huge && whole && (static_cast<std::int64_t>(y) & 1);
            const double sign = negative(x) && odd ? -1 : 1;
            if (a == 0 || a == infinity)
                return sign * ((a == 0) == (y < 0) ? infinity : 0);
            if (b == infinity && a == 1)
                return 1;
            if (x < 0 && !whole && b != infinity)
                return not_a_number;
            if (b > 0x1p64)
                return a == 1 ? 1 : sign * ((a > 1) == (y > 0) ? infinity : 0);
            if (y == 0.5)
                return detail::sqrt(x);
            if (whole && b * (1 + magnitude(parts(a).exponent)) < 900)
                return sign * whole_power(a, static_cast<int>(y));
            const pair power = precise_log(a) * pair{y, 0};
            if (magnitude(power.high) > 750)
                return sign * (power.high > 0 ? infinity : 0);
            return sign * detail::exp(power.high, power.low);
        }

        template <class T>
        constexpr T narrow(double x)
        {
            if constexpr (sizeof(T) < sizeof(double))
                // Halfway between the largest number and the next power of 2.
                if (magnitude(x) >= 0x1.ffffffp127)
                    return x > 0 ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
            return static_cast<T>(x);
        }
    }

    /// e to the power of x.
    template <std::floating_point T>
    constexpr T exp(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::exp(x)) : std::exp(x);
    }

    /// exp(x) - 1, precise near 0.
    template <std::floating_point T>
    constexpr T expm1(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::expm1(x)) : std::expm1(x);
    }

    /// The natural logarithm.
    template <std::floating_point T>
    constexpr T log(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::log(x)) : std::log(x);
    }

    /// log(1 + x), precise near 0.
    template <std::floating_point T>
    constexpr T log1p(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::log1p(x)) : std::log1p(x);
    }

    /// The hyperbolic tangent.
    template <std::floating_point T>
    constexpr T tanh(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::tanh(x)) : std::tanh(x);
    }

    /// The error function.
    template <std::floating_point T>
    constexpr T erf(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::erf(x)) : std::erf(x);
    }

    /// The square root.
    template <std::floating_point T>
    constexpr T sqrt(T x)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::sqrt(x)) : std::sqrt(x);
    }

    /// x to the power of y.
    template <std::floating_point T>
    constexpr T pow(T x, T y)
    {
        return std::is_constant_evaluated() ? detail::narrow<T>(detail::pow(x, y)) : std::pow(x, y);
    }

    /// 1 / (1 + exp(-x)), without overflow and precise where it is close to 0.
    template <std::floating_point T>
    constexpr T sigmoid(T x)
    {
        if (x != x)
            return x;
        const T e = kernel::exp(x < 0 ? x : -x);
        return (x < 0 ? e : T(1)) / (T(1) + e);
    }

    /// log(1 + exp(x)), without overflow.
    template <std::floating_point T>
    constexpr T softplus(T x)
    {
        if (x != x)
            return x;
        return (x > 0 ? x : T(0)) + kernel::log1p(kernel::exp(x < 0 ? x : -x));
    }
}
