// SPDX-License-Identifier: BSD-3-Clause
// What constant expressions do: GCC would contract the error terms to fused operations.
#ifndef __clang__
#pragma GCC optimize("fp-contract=off")
#endif

#include <xgrad/kernel/scalar_math.hpp>

#include <catch2/catch.hpp>

#include <random>

namespace
{
    namespace kernel = xgrad::kernel;
    namespace constant = xgrad::kernel::detail;

    template <class T>
    constexpr T inf = std::numeric_limits<T>::infinity();
    template <class T>
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    constexpr bool is_nan(auto x) { return x != x; }
    // Tells 0 from -0.
    constexpr bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
    constexpr bool close(double a, double b) { return a == b || (a - b < 5e-16 * b && b - a < 5e-16 * b); }

    template <class T>
    constexpr bool special_cases()
    {
        return kernel::exp(T(0)) == 1 && kernel::exp(inf<T>) == inf<T> && kernel::exp(-inf<T>) == 0 &&
               kernel::exp(T(1000)) == inf<T> && kernel::exp(T(-1000)) == 0 && is_nan(kernel::exp(nan<T>)) &&
               same(kernel::expm1(T(-0.)), -0.) && kernel::expm1(inf<T>) == inf<T> && kernel::expm1(-inf<T>) == -1 &&
               is_nan(kernel::expm1(nan<T>)) && kernel::expm1(T(1000)) == inf<T> && //
               same(kernel::log(T(1)), 0) && kernel::log(T(0)) == -inf<T> && kernel::log(T(-0.)) == -inf<T> &&
               kernel::log(inf<T>) == inf<T> && is_nan(kernel::log(T(-1))) && is_nan(kernel::log(-inf<T>)) &&
               is_nan(kernel::log(nan<T>)) && //
               same(kernel::log1p(T(-0.)), -0.) && kernel::log1p(T(-1)) == -inf<T> && is_nan(kernel::log1p(T(-2))) &&
               kernel::log1p(inf<T>) == inf<T> && is_nan(kernel::log1p(nan<T>)) && //
               same(kernel::tanh(T(-0.)), -0.) && kernel::tanh(inf<T>) == 1 && kernel::tanh(-inf<T>) == -1 &&
               is_nan(kernel::tanh(nan<T>)) && //
               same(kernel::erf(T(-0.)), -0.) && kernel::erf(inf<T>) == 1 && kernel::erf(-inf<T>) == -1 &&
               is_nan(kernel::erf(nan<T>)) && //
               same(kernel::sqrt(T(-0.)), -0.) && kernel::sqrt(inf<T>) == inf<T> && is_nan(kernel::sqrt(T(-1))) &&
               is_nan(kernel::sqrt(nan<T>)) && kernel::sqrt(T(9)) == 3 && kernel::sqrt(T(1) / 4) == T(1) / 2 && //
               kernel::sigmoid(T(0)) == T(1) / 2 && kernel::sigmoid(inf<T>) == 1 && kernel::sigmoid(-inf<T>) == 0 &&
               is_nan(kernel::sigmoid(nan<T>)) && //
               kernel::softplus(inf<T>) == inf<T> && kernel::softplus(-inf<T>) == 0 && kernel::softplus(T(500)) == 500 &&
               is_nan(kernel::softplus(nan<T>));
    }
    static_assert(special_cases<float>() && special_cases<double>());

    template <class T>
    constexpr bool special_powers()
    {
        return kernel::pow(T(2), T(10)) == 1024 && kernel::pow(T(-2), T(3)) == -8 && kernel::pow(T(3), T(1)) == 3 &&
               kernel::pow(T(4), T(-1)) == T(1) / 4 && kernel::pow(T(9), T(1) / 2) == 3 && kernel::pow(nan<T>, T(0)) == 1 &&
               kernel::pow(T(1), nan<T>) == 1 && is_nan(kernel::pow(nan<T>, T(1))) && is_nan(kernel::pow(T(2), nan<T>)) &&
               is_nan(kernel::pow(T(-1), T(1) / 2)) && same(kernel::pow(T(-0.), T(3)), -0.) &&
               same(kernel::pow(T(-0.), T(2)), 0) && kernel::pow(T(0), T(-2)) == inf<T> &&
               kernel::pow(T(-0.), T(-1)) == -inf<T> && kernel::pow(T(-1), inf<T>) == 1 &&
               kernel::pow(T(2), inf<T>) == inf<T> && kernel::pow(T(2), -inf<T>) == 0 &&
               kernel::pow(T(1) / 2, -inf<T>) == inf<T> && kernel::pow(-inf<T>, T(3)) == -inf<T> &&
               same(kernel::pow(-inf<T>, T(-3)), -0.) && kernel::pow(inf<T>, T(-1) / 2) == 0 &&
               kernel::pow(T(10), T(400)) == inf<T> && kernel::pow(T(-10), T(401)) == -inf<T> &&
               kernel::pow(T(10), T(-400)) == 0;
    }
    static_assert(special_powers<float>() && special_powers<double>());

    static_assert(close(kernel::exp(1.), 2.718281828459045235) && kernel::exp(1.f) == 2.718281828f);
    static_assert(close(kernel::log(10.), 2.302585092994045684) && kernel::log(10.f) == 2.302585093f);
    static_assert(close(kernel::tanh(.5), 0.4621171572600097585) && close(kernel::erf(.5), 0.5204998778130465377));
    static_assert(close(kernel::sqrt(2.), 1.4142135623730950488) && kernel::sqrt(2.f) == 1.4142135623730950488f);
    static_assert(close(kernel::sigmoid(1.), 0.7310585786300048793) && close(kernel::softplus(0.), 0.6931471805599453094));
    static_assert(kernel::exp(-103.f) > 0 && kernel::exp(-740.) > 0 && kernel::exp(709.75) < inf<double>);
    static_assert(kernel::exp(88.72f) < inf<float> && kernel::exp(88.73f) == inf<float>);

    // How many units of x's last place lie between the exact value and x.
    double ulps(double x, long double exact)
    {
        if (x == static_cast<double>(exact) || (std::isnan(x) && std::isnan(exact)))
            return 0;
        const int exponent = std::max(std::ilogb(static_cast<double>(exact)), -1022);
        return static_cast<double>(std::abs(x - exact) / std::scalbn(1.L, exponent - 52));
    }

    struct range
    {
        double low, high;
    };

    // The largest error on uniform samples of the ranges, and of their logarithms.
    template <class Constant, class Exact>
    double worst(Constant&& constant, Exact&& exact, std::initializer_list<range> ranges)
    {
        std::mt19937_64 random{1};
        double error = 0;
        for (const auto& [low, high] : ranges)
            for (int i = 0; i < 100'000; ++i)
            {
                const double x = std::uniform_real_distribution{low, high}(random);
                const double small = std::ldexp(x, -static_cast<int>(random() % 64));
                for (const double sample : {x, small})
                    error = std::max(error, ulps(constant(sample), exact(static_cast<long double>(sample))));
            }
        return error;
    }

    using real = long double;

    TEST_CASE("the functions of constant expressions are at most 2 ulp off")
    {
        CHECK(worst([](double x) { return constant::exp(x); }, [](real x) { return std::exp(x); },
                    {{-1, 1}, {-700, 709}, {-745, -700}, {-10, 10}}) < 1);
        CHECK(worst([](double x) { return constant::expm1(x); }, [](real x) { return std::expm1(x); },
                    {{-1, 1}, {-60, 709}, {-10, 10}}) < 1);
        CHECK(worst([](double x) { return constant::log(x); }, [](real x) { return std::log(x); },
                    {{0, 10}, {0.5, 1.5}, {0, 1e308}, {0, 1e-307}}) < 1);
        CHECK(worst([](double x) { return constant::log1p(x); }, [](real x) { return std::log1p(x); },
                    {{-1, 1}, {-0.5, 10}, {0, 1e308}}) < 1);
        CHECK(worst([](double x) { return constant::tanh(x); }, [](real x) { return std::tanh(x); },
                    {{-1, 1}, {-25, 25}, {-5, 5}}) < 2);
        CHECK(worst([](double x) { return constant::erf(x); }, [](real x) { return std::erf(x); },
                    {{-1, 1}, {-7, 7}, {-2, 2}}) < 1);
        CHECK(worst([](double x) { return constant::sqrt(x); }, [](real x) { return std::sqrt(x); },
                    {{0, 10}, {0, 1e308}, {0, 1e-307}}) <= 0.501);
    }

    TEST_CASE("the square root is that of the hardware")
    {
        std::mt19937_64 random{2};
        for (int i = 0; i < 200'000; ++i)
        {
            const double x = std::bit_cast<double>(random() >> 1);
            if (std::isfinite(x) && constant::sqrt(x) != std::sqrt(x))
                FAIL("sqrt(" << x << ")");
        }
    }

    TEST_CASE("the power function is at most 2 ulp off")
    {
        std::mt19937_64 random{3};
        double error = 0;
        for (int i = 0; i < 300'000; ++i)
        {
            const double x = i % 3 == 0   ? std::uniform_real_distribution{0., 10.}(random)
                             : i % 3 == 1 ? std::uniform_real_distribution{0.99, 1.01}(random)
                                          : std::ldexp(1 + i / 3e5, static_cast<int>(random() % 2000) - 1000);
            const double limit = 708 / std::abs(std::log(x));
            const double y = std::uniform_real_distribution{-limit, limit}(random) / static_cast<double>(1 + i % 4 * 50);
            error = std::max(error, ulps(constant::pow(x, y), std::pow(static_cast<real>(x), static_cast<real>(y))));
            if (i % 10 == 0)
                error = std::max(error, ulps(constant::pow(-x, 3), std::pow(static_cast<real>(-x), 3.L)));
        }
        CHECK(error < 2);
    }

    TEST_CASE("float results are rounded once more than double ones")
    {
        std::mt19937 random{4};
        for (int i = 0; i < 100'000; ++i)
        {
            const float x = std::uniform_real_distribution{-20.f, 20.f}(random);
            CHECK(constant::narrow<float>(constant::tanh(x)) == Approx(kernel::tanh(x)).epsilon(3e-7));
            CHECK(constant::narrow<float>(constant::exp(x)) == Approx(kernel::exp(x)).epsilon(3e-7));
        }
    }

    TEST_CASE("sigmoid and softplus agree with their definitions and never overflow")
    {
        CHECK(worst([](double x) { return kernel::sigmoid(x); }, [](real x) { return 1 / (1 + std::exp(-x)); },
                    {{-1, 1}, {-700, 700}}) < 3);
        CHECK(worst([](double x) { return kernel::softplus(x); },
                    [](real x) { return std::max(x, 0.L) + std::log1p(std::exp(-std::abs(x))); }, {{-1, 1}, {-700, 700}}) < 3);
        CHECK(kernel::softplus(1e4f) == 1e4f);
        CHECK(kernel::sigmoid(-1e4f) == 0);
    }
}
