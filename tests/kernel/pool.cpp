// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/max_pool_gradient.hpp>
#include <xgrad/kernel/mean_pool_gradient.hpp>
#include <xgrad/kernel/pool.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <memory>

using namespace xgrad;

namespace
{
    constexpr float infinity = std::numeric_limits<float>::infinity();

    kernel::pool_axis axis(std::ptrdiff_t in, std::ptrdiff_t taps, std::ptrdiff_t stride, std::ptrdiff_t padding = 0,
                           std::ptrdiff_t dilation = 1)
    {
        const std::ptrdiff_t out = (in + 2 * padding - (taps - 1) * dilation - 1) / stride + 1;
        return {in, out, taps, stride, dilation, padding, in + padding, true};
    }
    kernel::pool_axis parts(std::ptrdiff_t in, std::ptrdiff_t out)
    {
        return {.in = in, .out = out, .limit = in, .adaptive = true};
    }

    /// In a heap block of exactly its size, so that a sanitizer sees every step past it.
    struct block
    {
        std::ptrdiff_t size;
        std::unique_ptr<float[]> data;

        explicit block(std::ptrdiff_t size, std::uint32_t seed = 1)
            : size(size), data(new float[static_cast<std::size_t>(size)])
        {
            for (std::ptrdiff_t i = 0; i < size; ++i)
                data[i] = static_cast<float>((seed = seed * 1664525u + 1013904223u) >> 29); // 0 to 7: windows have equal ones
        }
        operator float*() const { return data.get(); }
    };
    bool equal(float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); }

    /// Of what is summed and of what is chosen in whole numbers every digit is right.
    void compare(const kernel::pool_extents& e, const block& x)
    {
        const std::ptrdiff_t in = e.in_size(), out = e.out_size(), planes = e.planes;
        const block g(planes * out, 2), h(planes * in, 3), largest(g.size), mean(g.size), picked(g.size), dx(x.size),
            spread(x.size), expected(x.size), even(x.size);
        const block room(kernel::pool_workspace<float>(e)), gradient_room(kernel::max_pool_gradient_workspace<float>(e)),
            mean_room(kernel::mean_pool_gradient_workspace<float>(e));
        std::ptrdiff_t final = 0;
        const auto done = [&](std::ptrdiff_t first, std::ptrdiff_t last)
        {
            CHECK(first == final);
            final = last;
        };
        const auto whole = [&](std::ptrdiff_t size)
        {
            CHECK(final == size);
            final = 0;
        };
        kernel::pool<kernel::pool_max, float>(e, x, largest, room, done);
        whole(g.size);
        kernel::pool<kernel::pool_mean, float>(e, h, mean, room, done);
        whole(g.size);
        kernel::max_pool_gradient<float>(e, g, x, dx, gradient_room, done);
        whole(x.size);
        kernel::max_pool_pick<float>(e, h, x, picked, gradient_room, done);
        whole(g.size);
        kernel::mean_pool_gradient<float>(e, g, spread, mean_room, done);
        whole(x.size);
        std::fill_n(expected.data.get(), x.size, 0.f);
        std::fill_n(even.data.get(), x.size, 0.f);
        int wrong = 0;
        for (std::ptrdiff_t plane = 0; plane < planes; ++plane)
            e.each_output(
                [&](std::ptrdiff_t o, auto... at)
                {
                    const std::ptrdiff_t first = plane * in, here = plane * out + o;
                    const auto seen = static_cast<float>((at.divisor * ...));
                    float sum = 0;
                    e.each_input(at...,
                                 [&](std::ptrdiff_t i)
                                 {
                                     sum += h[first + i];
                                     even[first + i] += g[here] / seen;
                                 });
                    wrong += std::abs(mean[here] - sum / seen) > 1e-6f * sum;
                    if (((at.count == 0) || ...))
                        return;
                    const std::ptrdiff_t best = first + e.largest(x + first, at...);
                    expected[best] += g[here];
                    wrong += !equal(largest[here], x[best]) || picked[here] != h[best];
                });
        for (std::ptrdiff_t i = 0; i < x.size; ++i)
            wrong += dx[i] != expected[i] || std::abs(spread[i] - even[i]) > 1e-6f * (1 + even[i]);
        CHECK(wrong == 0);
    }

    void compare(const kernel::pool_extents& e)
    {
        INFO(e.planes << " planes of " << e.axis[0].in << " x " << e.axis[1].in << " x " << e.axis[2].in);
        const block x(e.planes * e.in_size(), 1);
        for (const std::ptrdiff_t i : {x.size / 3, x.size / 3 + 1, x.size - 1})
            x[i] = NAN;
        compare(e, x);
        std::fill_n(x.data.get(), x.size / 2, -infinity); // padding wins nowhere
        compare(e, x);
    }
}

TEST_CASE("pooling of 2x2 is what windows say, for rows shorter and longer than registers", "[kernel]")
{
    for (const std::ptrdiff_t columns : {2, 3, 8, 14, 24, 31, 32, 33, 34, 80})
        for (const std::ptrdiff_t rows : {2, 5, 6})
            for (const std::ptrdiff_t planes : {1, 3})
            {
                const kernel::pool_extents e{planes, {kernel::pool_axis{}, axis(rows, 2, 2), axis(columns, 2, 2)}};
                REQUIRE(e.is_quads());
                compare(e);
            }
}

TEST_CASE("pooling is what windows say", "[kernel]")
{
    const kernel::pool_axis none;
    for (const std::ptrdiff_t columns : {7, 12, 15, 16, 17, 31, 32, 33, 47, 70})
        for (const std::ptrdiff_t stride : {1, 2})
        {
            compare({2, {none, axis(9, 3, stride, 1), axis(columns, 3, stride, 1)}});
            compare({1, {none, axis(6, 2, 2), axis(columns, 3, stride)}});
            compare({2, {none, axis(11, 4, 3, 2), axis(columns, 5, stride, 2)}});
            compare({2, {axis(5, 3, 2, 1), axis(4, 2, 1), axis(columns, 2, stride, 1)}});
            compare({1, {none, axis(13, 3, stride, 1, 2), axis(columns, 3, stride, 1, 3)}});
        }
    compare({3, {none, none, axis(100, 4, 3, 2)}});
    compare({3, {none, none, axis(41, 6, 2, 3)}});
    compare({2, {none, axis(14, 7, 7), axis(29, 7, 7)}});
    compare({2, {none, axis(20, 12, 1, 3), axis(30, 12, 1, 5)}}); // more taps than are kept
    compare({2, {none, axis(3, 3, 1, 1), axis(21, 1, 2)}});
    compare({1, {none, axis(4, 2, 1), axis(30, 2, 1, 1, 31)}}); // windows that see nothing
}

TEST_CASE("pooling into parts is what they say", "[kernel]")
{
    for (const std::ptrdiff_t columns : {4, 13, 35})
        for (const std::ptrdiff_t out : {1, 3, 13, 40})
        {
            compare({2, {kernel::pool_axis{}, parts(9, out), parts(columns, out)}});
            compare({2, {parts(3, 2), parts(5, 7), parts(columns, out)}});
        }
}
