// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/small_loop.hpp>
#include <xgrad/kernel/small_product.hpp>
#include <xgrad/kernel/small_reduce.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <random>

namespace
{
    using namespace xg::kernel;

    template <class T>
    constexpr std::ptrdiff_t full = small::full_width<T>;
    template <class T>
    constexpr std::ptrdiff_t few = small::widest<T>(1); // lanes in which few elements are computed

    // exactly as large as the tensor, so that the sanitizer sees a read past its end
    template <class T>
    std::unique_ptr<T[]> numbers(std::ptrdiff_t count, unsigned seed = 0)
    {
        std::unique_ptr<T[]> result(new T[static_cast<std::size_t>(count)]);
        std::mt19937 generator(seed);
        std::uniform_real_distribution<double> uniform(-2, 2);
        for (std::ptrdiff_t i = 0; i < count; ++i)
            result[static_cast<std::size_t>(i)] = static_cast<T>(uniform(generator));
        return result;
    }

    // Start is what lies between two rows of what the sums begin with, or -1 for nothing
    template <class T, int M, int N, int K, bool TransposedA, bool TransposedB, int Start = -1>
    double product_error()
    {
        const auto a = numbers<T>(M * K, 1), b = numbers<T>(K * N, 2), c = numbers<T>(M * N);
        const auto start = numbers<T>(Start > 0 ? M * N : N, 3);
        if constexpr (Start < 0)
            small::product<M, N, K, TransposedA, TransposedB, few<T>>(a.get(), b.get(), c.get());
        else
            small::product<M, N, K, TransposedA, TransposedB, full<T>>(a.get(), b.get(), c.get(),
                                                                       small::start_at<T, Start>{start.get()});
        double worst = 0;
        for (int i = 0; i < M; ++i)
            for (int j = 0; j < N; ++j)
            {
                double sum = Start < 0 ? 0 : double(start[static_cast<std::size_t>(Start * i + j)]);
                for (int p = 0; p < K; ++p)
                    sum += double(a[static_cast<std::size_t>(TransposedA ? p * M + i : i * K + p)]) *
                           double(b[static_cast<std::size_t>(TransposedB ? j * K + p : p * N + j)]);
                worst = std::max(worst, std::abs(sum - double(c[static_cast<std::size_t>(i * N + j)])));
            }
        return worst;
    }

    template <class T, int M, int N, int K>
    void product()
    {
        INFO(M << " x " << N << " x " << K);
        const double close = std::is_same_v<T, float> ? 1e-5 * K : 1e-14 * K;
        CHECK(product_error<T, M, N, K, false, false>() <= close);
        CHECK(product_error<T, M, N, K, false, true>() <= close);
        CHECK(product_error<T, M, N, K, true, false>() <= close);
        CHECK(product_error<T, M, N, K, true, true>() <= close);
        CHECK(product_error<T, M, N, K, false, false, 0>() <= close);
        CHECK(product_error<T, M, N, K, false, true, N>() <= close);
        CHECK(product_error<T, M, N, K, true, false, N>() <= close);
        CHECK(product_error<T, M, N, K, true, true, 0>() <= close);
    }

    struct affine
    {
        constexpr auto operator()(const auto& a, const auto& b, const auto& c, const auto& d) const { return a * b + c - d; }
    };

    template <class T, int Rows, int Columns>
    void loop()
    {
        INFO(Rows << " x " << Columns);
        using enum small::lie;
        const auto a = numbers<T>(Rows * Columns, 1), b = numbers<T>(1, 2), c = numbers<T>(Columns, 3), d = numbers<T>(Rows, 4);
        const auto to = numbers<T>(Rows * Columns), flat = numbers<T>(Rows * Columns);
        small::loop<affine, T, Rows, Columns, few<T>, whole, one, row, column>::run(to.get(), a.get(), b.get(), c.get(),
                                                                                    d.get());
        small::loop<affine, T, Rows, Columns, full<T>, whole, one, whole, one>::run(flat.get(), a.get(), b.get(), to.get(),
                                                                                    d.get());
        double worst = 0;
        for (std::size_t i = 0; i < Rows; ++i)
            for (std::size_t j = 0; j < Columns; ++j)
            {
                const std::size_t at = i * Columns + j;
                worst =
                    std::max(worst, std::abs(double(to[at]) - (double(a[at]) * double(b[0]) + double(c[j]) - double(d[i]))));
                worst = std::max(worst,
                                 std::abs(double(flat[at]) - (double(a[at]) * double(b[0]) + double(to[at]) - double(d[0]))));
            }
        CHECK(worst <= (std::is_same_v<T, float> ? 2e-6 : 4e-15));
    }

    template <class T, int Rows, int Columns>
    void columns()
    {
        INFO(Rows << " x " << Columns);
        const auto x = numbers<T>(Rows * Columns, 1), sums = numbers<T>(Columns), most = numbers<T>(Columns);
        small::reduce_columns<add_reduction, Rows, Columns, few<T>>(x.get(), sums.get());
        small::reduce_columns<max_reduction, Rows, Columns, full<T>>(x.get(), most.get());
        for (std::size_t j = 0; j < Columns; ++j)
        {
            double sum = 0;
            T largest = x[j];
            for (std::size_t i = 0; i < Rows; ++i)
            {
                sum += double(x[i * Columns + j]);
                largest = std::max(largest, x[i * Columns + j]);
            }
            CHECK(std::abs(sum - double(sums[j])) <= (std::is_same_v<T, float> ? 1e-5 : 1e-13));
            CHECK(most[j] == largest);
        }
    }
}

TEMPLATE_TEST_CASE("products of constant extents", "[kernel]", float, double)
{
    product<TestType, 1, 1, 1>();
    product<TestType, 1, 1, 16>();
    product<TestType, 1, 2, 16>();
    product<TestType, 1, 37, 5>();
    product<TestType, 1, 64, 16>();
    product<TestType, 1, 29, 8>();
    product<TestType, 1, 24, 3>();
    product<TestType, 1, 48, 17>();
    product<TestType, 2, 16, 32>();
    product<TestType, 3, 3, 3>();
    product<TestType, 7, 5, 1>();
    product<TestType, 9, 24, 17>();
    product<TestType, 16, 2, 33>();
    product<TestType, 17, 1, 9>();
    product<TestType, 13, 20, 2>();
    product<TestType, 32, 2, 16>();
}

TEMPLATE_TEST_CASE("elementwise loops of constant extents", "[kernel]", float, double)
{
    loop<TestType, 1, 1>();
    loop<TestType, 32, 2>();
    loop<TestType, 9, 2>();
    loop<TestType, 8, 4>();
    loop<TestType, 3, 5>();
    loop<TestType, 2, 16>();
    loop<TestType, 5, 37>();
    loop<TestType, 4, 48>();
}

TEMPLATE_TEST_CASE("reductions of constant extents", "[kernel]", float, double)
{
    columns<TestType, 32, 1>();
    columns<TestType, 7, 1>();
    columns<TestType, 32, 2>();
    columns<TestType, 31, 2>();
    columns<TestType, 9, 10>();
    columns<TestType, 3, 16>();
    columns<TestType, 33, 37>();
}
