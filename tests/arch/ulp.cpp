// SPDX-License-Identifier: BSD-3-Clause
// ulp [stride]: the largest error of kernel/math.hpp's functions on lanes, in units of the exact result's last place, over
// every stride-th of all 2^32 floats (1 takes them all) and over as many doubles. Fails beyond what docs/architectures.md says.
#include "machine.hpp"

#include <xgrad/kernel/math.hpp>

#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace
{
    namespace kernel = xgrad::kernel;

    template <class T>
    constexpr std::size_t width = xsimd::batch<T, machine::arch>::size;

    /// How many units of the last place lie between y and the exact result. Below the smallest normal number y may be
    /// anything up to that number; beyond 0.7 of the largest one it may be infinite.
    template <class T, class Exact>
    double error(T y, Exact exact)
    {
        const T rounded = static_cast<T>(exact);
        if (y == rounded || (std::isnan(y) && std::isnan(rounded)))
            return 0;
        constexpr auto smallest = std::numeric_limits<T>::min(), largest = std::numeric_limits<T>::max();
        if (std::abs(rounded) <= smallest && std::abs(y) <= smallest)
            return 0;
        if (std::isinf(y))
            return std::abs(rounded) >= T(0.7) * largest && (y > 0) == (rounded > 0) ? 0 : 1e30;
        if (std::isnan(y) || std::isnan(rounded) || std::isinf(rounded))
            return 1e30;
        using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        const T next = std::bit_cast<T>(std::bit_cast<bits>(std::abs(rounded)) + 1);
        return static_cast<double>(std::abs(static_cast<Exact>(y) - exact)) / static_cast<double>(next - std::abs(rounded));
    }

    template <class T>
    struct worst
    {
        double error = 0;
        T at = 0;
        void take(double e, T x)
        {
            if (e > error)
                error = e, at = x;
        }
    };

    /// Applies f to whole vectors, and compares.
    template <class T, class Exact>
    void measure(const T* x, std::size_t count, auto f, auto exact, worst<T>& most)
    {
        using batch = xsimd::batch<T, machine::arch>;
        T y[width<T>];
        for (std::size_t i = 0; i + width<T> <= count; i += width<T>)
        {
            f(batch::load_unaligned(x + i)).store_unaligned(y);
            for (std::size_t k = 0; k < width<T>; ++k)
                most.take(error(y[k], exact(static_cast<Exact>(x[i + k]))), x[i + k]);
        }
    }

    worst<float> all_floats(std::uint64_t stride, auto f, auto exact)
    {
        const auto part = [=](std::uint64_t first, std::uint64_t last)
        {
            worst<float> most;
            float x[1024];
            while (first < last)
            {
                std::size_t count = 0;
                for (; count < 1024; ++count, first += stride)
                    x[count] = std::bit_cast<float>(static_cast<std::uint32_t>(std::min(first, last - 1)));
                measure<float, double>(x, count, f, exact, most);
            }
            return most;
        };
        using limits = std::numeric_limits<float>;
        const float special[16]{0.f,
                                -0.f,
                                1.f,
                                -1.f,
                                limits::infinity(),
                                -limits::infinity(),
                                limits::quiet_NaN(),
                                limits::min(),
                                -limits::min(),
                                limits::max(),
                                -limits::max(),
                                limits::denorm_min(),
                                -limits::denorm_min(),
                                0.5f,
                                88.f,
                                -88.f};
        worst<float> low, high, of_special;
        measure<float, double>(special, 16, f, exact, of_special);
        if (of_special.error > 1000)
            return of_special;
        std::thread other([&] { high = part(1ull << 31, 1ull << 32); });
        low = part(0, 1ull << 31);
        other.join();
        return high.error > low.error ? high : low;
    }

    worst<double> many_doubles(std::uint64_t count, auto f, auto exact)
    {
        std::mt19937_64 random(1);
        worst<double> most;
        double x[1024];
        for (std::uint64_t i = 0; i < count; i += 1024)
        {
            for (std::size_t k = 0; k < 1024; ++k)
                switch (k % 4)
                {
                case 0: // any bits
                    x[k] = std::bit_cast<double>(random());
                    break;
                case 1: // evenly over where exp is neither 0 nor infinite
                    x[k] = std::uniform_real_distribution{-745., 710.}(random);
                    break;
                case 2: // evenly over where tanh, sigmoid and erf change
                    x[k] = std::uniform_real_distribution{-7., 7.}(random);
                    break;
                default: // any magnitude near 1
                    x[k] = std::ldexp(std::uniform_real_distribution{-2., 2.}(random), -static_cast<int>(random() % 32));
                }
            measure<double, long double>(x, 1024, f, exact, most);
        }
        return most;
    }

    std::uint64_t stride = 2999;

    void function(const char* name, double limit, double limit_of_doubles, auto f, auto exact)
    {
        const worst<float> floats = all_floats(stride, f, exact);
        const worst<double> doubles = many_doubles(std::min<std::uint64_t>((1ull << 32) / stride / 8, 1 << 23), f, exact);
        std::printf("%-10s float %10.3f at %-16.9g double %10.3f at %.17g\n", name, floats.error,
                    static_cast<double>(floats.at), doubles.error, doubles.at);
        machine::check(floats.error <= limit, "%s of floats: more than %g ulp", name, limit);
        machine::check(doubles.error <= limit_of_doubles, "%s of doubles: more than %g ulp", name, limit_of_doubles);
    }
}

int main(int count, char** arguments)
{
    machine::skip_if_too_weak();
    if (count > 1)
        stride = std::strtoull(arguments[1], nullptr, 10);
    function("exp", 1.5, 1.5, [](const auto& x) { return kernel::exp(x); }, [](auto x) { return std::exp(x); });
    function("log", 1, 1, [](const auto& x) { return kernel::log(x); }, [](auto x) { return std::log(x); });
    const bool arm = std::strncmp(machine::arch::name(), "arm", 3) == 0; // its square root and quotient of floats are iterated
    function(
        "sqrt", arm ? 2 : 0.501, 0.501, [](const auto& x) { return kernel::sqrt(x); }, [](auto x) { return std::sqrt(x); });
    function("tanh", arm ? 4 : 3, 2.5, [](const auto& x) { return kernel::tanh(x); }, [](auto x) { return std::tanh(x); });
    function("erf", 3, 80, [](const auto& x) { return kernel::erf(x); }, [](auto x) { return std::erf(x); });
    function("sigmoid", 3, 3, [](const auto& x) { return kernel::sigmoid(x); }, [](auto x) { return 1 / (1 + std::exp(-x)); });
    function(
        "softplus", 2.5, 2.5, [](const auto& x) { return kernel::softplus(x); },
        [](auto x) { return (x < 0 ? 0 : x) + std::log1p(std::exp(-std::abs(x))); });
    function(
        "pow 1.7", 150, 1500, [](const auto& x) { return kernel::pow(x, std::remove_cvref_t<decltype(x)>(1.7f)); },
        [](auto x) { return std::pow(x, static_cast<decltype(x)>(1.7f)); });
    return machine::result();
}
