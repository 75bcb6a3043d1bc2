// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/gemm.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

using namespace xgrad;

namespace
{
    /// Numbers in [-1, 1) that repeat from run to run.
    struct numbers
    {
        std::uint32_t state = 12345;
        double operator()()
        {
            state = state * 1664525u + 1013904223u;
            return (state >> 8) / 8388608.0 - 1;
        }
    };

    /// A stored matrix in a heap block that ends with its last element, so that a sanitizer sees every read past it.
    template <class T>
    struct stored
    {
        std::ptrdiff_t rows, columns, stride, size;
        std::unique_ptr<T[]> data;
        static constexpr T gap = T(1e30);

        stored(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t padding, numbers& next)
            : rows(rows), columns(columns), stride(columns + padding),
              size(rows * columns == 0 ? 0 : (rows - 1) * stride + columns), data(new T[static_cast<std::size_t>(size)])
        {
            for (std::ptrdiff_t i = 0; i < size; ++i)
                data[i] = i % stride < columns ? static_cast<T>(next()) : gap;
        }
        T at(std::ptrdiff_t i, std::ptrdiff_t j) const { return data[i * stride + j]; }
        kernel::matrix<T> read(bool transposed) const { return {data.get(), stride, transposed}; }
    };

    template <class T>
    struct workspace
    {
        std::size_t size;
        T* data;
        explicit workspace(std::size_t elements) : size(elements), data(nullptr)
        {
            if (size > 0)
                data = static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t(64)));
        }
        workspace(const workspace&) = delete;
        ~workspace()
        {
            if (data)
                ::operator delete(data, std::align_val_t(64));
        }
    };

    template <class T>
    void check(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k, bool transpose_a, bool transpose_b, kernel::write mode,
               std::ptrdiff_t padding)
    {
        INFO("m " << m << ", n " << n << ", k " << k << ", transposed " << transpose_a << transpose_b << ", padding " << padding
                  << ", accumulate " << (mode == kernel::write::accumulate));
        numbers next;
        const stored<T> a(transpose_a ? k : m, transpose_a ? m : k, padding, next);
        const stored<T> b(transpose_b ? n : k, transpose_b ? k : n, padding, next);
        stored<T> c(m, n, padding, next);
        std::vector<T> before(c.data.get(), c.data.get() + c.size);
        workspace<T> space(kernel::gemm_workspace<T>(m, n, k));
        for (std::size_t i = 0; i < space.size; ++i)
            space.data[i] = std::numeric_limits<T>::quiet_NaN(); // what an earlier kernel left there must not matter
        std::vector<int> done(static_cast<std::size_t>(m));
        std::vector<T> final_rows(before.size());
        kernel::gemm(m, n, k, a.read(transpose_a), b.read(transpose_b), c.data.get(), c.stride, mode, space.data,
                     [&](std::ptrdiff_t first, std::ptrdiff_t last)
                     {
                         for (std::ptrdiff_t i = first; i < last; ++i)
                         {
                             ++done[i];
                             for (std::ptrdiff_t j = 0; j < n; ++j)
                                 final_rows[i * c.stride + j] = c.at(i, j);
                         }
                     });
        const double tolerance = static_cast<double>(k + 4) * std::numeric_limits<T>::epsilon();
        bool close = true, untouched = true, final = true, once = true;
        for (std::ptrdiff_t i = 0; i < m; ++i)
        {
            once = once && done[i] == 1;
            if (i % 9 != 0 && m * n * k > 20'000'000)
                continue; // enough rows are left
            for (std::ptrdiff_t j = 0; j < n; ++j)
            {
                double sum = mode == kernel::write::accumulate ? static_cast<double>(before[i * c.stride + j]) : 0.;
                for (std::ptrdiff_t p = 0; p < k; ++p)
                    sum += static_cast<double>(transpose_a ? a.at(p, i) : a.at(i, p)) *
                           static_cast<double>(transpose_b ? b.at(j, p) : b.at(p, j));
                close = close && std::abs(static_cast<double>(c.at(i, j)) - sum) <= tolerance;
                final = final && final_rows[i * c.stride + j] == c.at(i, j);
            }
            for (std::ptrdiff_t j = n; j < c.stride && i + 1 < m && c.size > 0; ++j)
                untouched = untouched && c.at(i, j) == stored<T>::gap;
        }
        CHECK(close);
        CHECK(untouched);
        CHECK(final);
        CHECK(once);
    }

    template <class T>
    void check_all(std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k)
    {
        for (const bool transpose_a : {false, true})
            for (const bool transpose_b : {false, true})
                for (const auto mode : {kernel::write::overwrite, kernel::write::accumulate})
                    for (const std::ptrdiff_t padding : {0, 3})
                        check<T>(m, n, k, transpose_a, transpose_b, mode, padding);
    }

    constexpr auto constant_product()
    {
        const std::array<float, 6> a{1, 2, 3, 4, 5, 6}, b{7, 8, 9, 10, 11, 12};
        std::array<float, 4> plain{}, both{1, 1, 1, 1};
        int rows = 0;
        kernel::gemm<float>(2, 2, 3, {a.data(), 3, false}, {b.data(), 2, false}, plain.data(), 2, kernel::write::overwrite,
                            nullptr, [&](auto first, auto last) { rows += static_cast<int>(last - first); });
        kernel::gemm<float>(2, 2, 3, {a.data(), 2, true}, {b.data(), 3, true}, both.data(), 2, kernel::write::accumulate,
                            nullptr);
        return rows == 2 && plain == std::array<float, 4>{58, 64, 139, 154} && both == std::array<float, 4>{77, 104, 101, 137};
    }
    static_assert(constant_product());
    static_assert(kernel::gemm_workspace<float>(8, 8, 8) == 0);
    static_assert(kernel::gemm_workspace<float>(0, 0, 0) == 0);
}

TEMPLATE_TEST_CASE("gemm agrees with the sum of products for small sizes", "[kernel]", float, double)
{
    for (const std::ptrdiff_t m : {0, 1, 2, 3, 5, 8, 9, 13})
        for (const std::ptrdiff_t n : {0, 1, 2, 4, 7, 8, 16, 17, 32, 33})
            for (const std::ptrdiff_t k : {0, 1, 2, 3, 7, 16, 31, 67})
                check_all<TestType>(m, n, k);
}

TEMPLATE_TEST_CASE("gemm agrees with the sum of products for blocked sizes", "[kernel]", float, double)
{
    for (const std::ptrdiff_t m : {1, 4, 7, 17, 64, 129})
        for (const std::ptrdiff_t n : {1, 10, 31, 64, 100, 129})
            for (const std::ptrdiff_t k : {16, 100, 257})
                check_all<TestType>(m, n, k);
}

TEMPLATE_TEST_CASE("gemm agrees with the sum of products across blocks of rows, depth and columns", "[kernel]", float, double)
{
    check_all<TestType>(257, 67, 129);
    check_all<TestType>(300, 129, 300);
    check_all<TestType>(259, 5, 2);
    check<TestType>(258, 4099, 260, false, true, kernel::write::accumulate, 0);
    check<TestType>(258, 3, 5, false, false, kernel::write::overwrite, 0);
    check<TestType>(257, 33, 33001, true, false, kernel::write::overwrite, 1);
    check_all<TestType>(64, 131, 784);
    check_all<TestType>(30, 83, 259);
    check<TestType>(60, 1100, 2100, false, false, kernel::write::overwrite, 1); // B comes from memory
    check<TestType>(48, 70, 3001, false, true, kernel::write::overwrite, 1);
    check<TestType>(48, 70, 3001, true, true, kernel::write::accumulate, 0);
    check<TestType>(2, 10, 784, false, true, kernel::write::overwrite, 0);
}

TEMPLATE_TEST_CASE("gemm agrees with the sum of products for few rows", "[kernel]", float, double)
{
    for (const std::ptrdiff_t m : {1, 2, 3, 7})
        for (const std::ptrdiff_t n : {57, 120, 125, 128, 250, 256, 257})
            check_all<TestType>(m, n, 37);
    check_all<TestType>(2, 515, 19); // strips of columns
    check_all<TestType>(3, 1027, 9);
    check_all<TestType>(6, 5, 2100); // blocks of depth
    check_all<TestType>(8, 3, 1024);
}

TEMPLATE_TEST_CASE("a row of a product does not depend on how many rows follow", "[kernel]", float, double)
{
    const std::ptrdiff_t m = 64, k = 300;
    for (const bool transpose_b : {false, true})
        for (const std::ptrdiff_t n : {70, 125, 128, 256})
        {
            numbers next;
            const stored<TestType> a(m, k, 0, next), b(transpose_b ? n : k, transpose_b ? k : n, 0, next);
            const auto rows = [&](std::ptrdiff_t count)
            {
                std::vector<TestType> c(static_cast<std::size_t>(m * n));
                workspace<TestType> space(kernel::gemm_workspace<TestType>(m, n, k));
                kernel::gemm(count, n, k, a.read(false), b.read(transpose_b), c.data(), n, kernel::write::overwrite,
                             space.data);
                return c;
            };
            const auto all = rows(m);
            // up to 8 rows times a transposed matrix are dot products, whose sums are ordered differently
            for (const std::ptrdiff_t count :
                 transpose_b ? std::vector<std::ptrdiff_t>{9, 12, 17, 63} : std::vector<std::ptrdiff_t>{1, 2, 3, 5, 9, 17, 63})
            {
                const auto some = rows(count);
                CHECK(std::equal(some.begin(), some.begin() + count * n, all.begin()));
            }
        }
}

TEST_CASE("the workspace of a product is enough for fewer rows, fewer columns and less depth", "[kernel]")
{
    const auto grows = [](auto&& workspace, std::ptrdiff_t to)
    {
        for (std::ptrdiff_t last = 0, extent = 1; extent < to; extent += 1 + extent / 500)
        {
            const auto now = static_cast<std::ptrdiff_t>(workspace(extent));
            if (now < last)
                return false;
            last = now;
        }
        return true;
    };
    for (const std::ptrdiff_t a : {1, 10, 16, 100, 257, 1000, 5000})
        for (const std::ptrdiff_t b : {1, 16, 85, 86, 300, 5000, 200000})
        {
            INFO(a << ", " << b);
            CHECK(grows([=](std::ptrdiff_t m) { return kernel::gemm_workspace<float>(m, a, b); }, 600));
            CHECK(grows([=](std::ptrdiff_t n) { return kernel::gemm_workspace<float>(a, n, b); }, 9000));
            CHECK(grows([=](std::ptrdiff_t k) { return kernel::gemm_workspace<float>(a, b, k); }, 300000));
        }
}
