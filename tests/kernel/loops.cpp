// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/elementwise.hpp>
#include <xgrad/kernel/reduce.hpp>
#include <xgrad/kernel/rows.hpp>
#include <xgrad/kernel/softmax_rows.hpp>
#include <xgrad/shape/broadcast.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <random>

namespace
{
    using namespace xg::kernel;

    constexpr xg::shape make(std::initializer_list<int> extents)
    {
        xg::shape s;
        for (const int e : extents)
            s.append(e);
        return s;
    }

    // exactly as large as the tensor, so that the sanitizer sees a read past its end
    template <class T>
    struct tensor
    {
        xg::shape form;
        std::unique_ptr<T[]> data;
        explicit tensor(xg::shape s, unsigned seed = 0) : form(s), data(new T[static_cast<std::size_t>(s.size())])
        {
            std::mt19937 generator(seed);
            std::uniform_real_distribution<double> uniform(-2, 2);
            for (std::ptrdiff_t i = 0; i < s.size(); ++i)
                data[static_cast<std::size_t>(i)] = static_cast<T>(uniform(generator));
        }
        tensor_ref ref() const { return {address(data.get()), form}; }
        // the element that broadcasting reads at an index of a larger space
        T at(const xg::shape& space, std::ptrdiff_t flat) const
        {
            std::ptrdiff_t index = 0, stride = 1;
            for (int axis = space.rank - 1; axis >= 0; --axis)
            {
                const int own = axis - (space.rank - form.rank);
                if (own >= 0)
                {
                    index += form.extent[own] == 1 ? 0 : flat % space.extent[axis] * stride;
                    stride *= form.extent[own];
                }
                flat /= space.extent[axis];
            }
            return data[static_cast<std::size_t>(index)];
        }
    };

    struct scale_and_shift
    {
        constexpr auto operator()(const auto& a, const auto& b, const auto& c) const { return a * b + c; }
    };
    struct same
    {
        constexpr auto operator()(const auto& a) const { return a; }
    };

    template <class T>
    void elementwise_case(xg::shape space, xg::shape a, xg::shape b, xg::shape c)
    {
        INFO(xg::to_string(space) << " " << xg::to_string(a) << " " << xg::to_string(b) << " " << xg::to_string(c));
        const tensor<T> x(a, 1), y(b, 2), z(c, 3), out(space);
        elementwise<scale_and_shift, T, T, T, T>(out.ref(), {x.ref(), y.ref(), z.ref()}).run(0, space.size());
        for (std::ptrdiff_t i = 0; i < space.size(); ++i)
            REQUIRE(out.data[static_cast<std::size_t>(i)] ==
                    Approx(x.at(space, i) * y.at(space, i) + z.at(space, i)).epsilon(1e-5).margin(1e-6));
    }

    template <class T>
    void reduce_case(xg::shape space, xg::axis_set axes)
    {
        INFO(xg::to_string(space) << " axes " << axes);
        const xg::shape kept = xg::reduced(space, axes, true);
        const tensor<T> x(space, 4), total(kept), largest(kept);
        reduce<add_reduction, same, T, T>::run(total.ref(), space, {x.ref()});
        reduce<max_reduction, same, T, T>::run(largest.ref(), space, {x.ref()});
        std::vector<double> sums(static_cast<std::size_t>(kept.size())), tops(static_cast<std::size_t>(kept.size()), -1e9);
        tensor<T> places(kept);
        for (std::ptrdiff_t i = 0; i < kept.size(); ++i)
            places.data[static_cast<std::size_t>(i)] = static_cast<T>(i);
        for (std::ptrdiff_t i = 0; i < space.size(); ++i)
        {
            const auto to = static_cast<std::size_t>(places.at(space, i));
            sums[to] += static_cast<double>(x.data[static_cast<std::size_t>(i)]);
            tops[to] = std::max(tops[to], static_cast<double>(x.data[static_cast<std::size_t>(i)]));
        }
        for (std::size_t i = 0; i < sums.size(); ++i)
        {
            CHECK(total.data[i] == Approx(sums[i]).epsilon(1e-5).margin(1e-5));
            CHECK(largest.data[i] == Approx(tops[i]));
        }
    }
}

TEMPLATE_TEST_CASE("elementwise loops broadcast at every shape", "[kernel]", float, double)
{
    for (const int n : {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 67, 131})
    {
        elementwise_case<TestType>(make({n}), make({n}), make({n}), make({1}));
        elementwise_case<TestType>(make({5, n}), make({5, n}), make({n}), make({5, 1}));
        elementwise_case<TestType>(make({3, 5, n}), make({3, 1, n}), make({5, 1}), make({}));
        elementwise_case<TestType>(make({2, n, 3, 5}), make({n, 1, 5}), make({2, 1, 3, 1}), make({2, n, 3, 5}));
    }
    elementwise_case<TestType>(make({}), make({}), make({}), make({}));
}

TEMPLATE_TEST_CASE("reductions over every set of axes", "[kernel]", float, double)
{
    for (const int n : {1, 3, 16, 17, 67})
        for (xg::axis_set axes = 1; axes < 16; ++axes)
            reduce_case<TestType>(make({2, n, 3, 5}), axes);
    for (const int n : {1, 2, 15, 16, 17, 64, 100, 257})
    {
        reduce_case<TestType>(make({n}), 1);
        reduce_case<TestType>(make({3, n}), 2);
        reduce_case<TestType>(make({n, 3}), 1);
    }
}

TEST_CASE("a part of the output is computed alone", "[kernel]")
{
    const tensor<float> x(make({4, 9}), 1), row(make({9}), 2), out(make({4, 9}));
    for (int i = 0; i < 36; ++i)
        out.data[static_cast<std::size_t>(i)] = -7;
    elementwise<scale_and_shift, float, float, float, float>(out.ref(), {x.ref(), row.ref(), row.ref()}).run(9, 20);
    for (std::size_t i = 0; i < 36; ++i)
        if (i < 9 || i >= 20)
            CHECK(out.data[i] == -7);
        else
            CHECK(out.data[i] != -7);
}

TEST_CASE("a NaN wins a maximum, wherever it stands", "[kernel]")
{
    for (const std::size_t n : {1u, 5u, 16u, 40u})
        for (std::size_t at = 0; at < n; ++at)
        {
            std::vector<float> x(n, 1.f);
            x[at] = std::numeric_limits<float>::quiet_NaN();
            CHECK(std::isnan(
                reduce_row<max_reduction>(x.data(), static_cast<std::ptrdiff_t>(n), [](const auto& v) { return v; })));
        }
}

TEMPLATE_TEST_CASE("a row is mapped and reduced once, in place too, whatever its length", "[kernel]", float, double)
{
    for (std::ptrdiff_t n = 1; n < 70; ++n)
    {
        std::vector<TestType> x(static_cast<std::size_t>(n)), doubled(x.size());
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = static_cast<TestType>(i + 1);
        const std::vector<TestType> before = x;
        const auto twice = [](const auto& v) { return v + v; };
        map_row(x.data(), doubled.data(), n, twice);
        map_row(x.data(), x.data(), n, twice);
        CHECK(x == doubled);
        CHECK(reduce_row<add_reduction>(before.data(), n, twice) == static_cast<TestType>(n * (n + 1)));
        CHECK(reduce_row<max_reduction>(before.data(), n, twice) == static_cast<TestType>(2 * n));
        bool right = true;
        for (std::size_t i = 0; i < x.size(); ++i)
            right = right && x[i] == 2 * before[i];
        CHECK(right);

        std::vector<TestType> apart(x.size()), in_place = before;
        softmax_row(before.data(), apart.data(), n);
        softmax_row(in_place.data(), in_place.data(), n);
        CHECK(apart == in_place);
    }
}

TEST_CASE("softmax rows do not overflow", "[kernel]")
{
    for (const std::ptrdiff_t n : {1, 3, 16, 19, 50})
    {
        std::vector<float> x(static_cast<std::size_t>(n)), y(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = 1000.f * static_cast<float>(i % 3);
        softmax_row(x.data(), y.data(), n);
        double sum = 0;
        for (const float p : y)
            sum += p;
        CHECK(sum == Approx(1).epsilon(1e-6));
    }
}
