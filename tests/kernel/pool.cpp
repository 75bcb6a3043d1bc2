// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/pool.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <memory>
#include <vector>

using namespace xgrad;

namespace
{
    kernel::pool_axis pairs(std::ptrdiff_t in) { return {.in = in, .out = in / 2, .taps = 2, .stride = 2, .limit = in}; }

    /// In a heap block of exactly its size, so that a sanitizer sees every step past it.
    std::unique_ptr<float[]> few_numbers(std::ptrdiff_t size, std::uint32_t seed)
    {
        std::unique_ptr<float[]> x(new float[static_cast<std::size_t>(size)]);
        for (std::ptrdiff_t i = 0; i < size; ++i)
            x[i] = static_cast<float>((seed = seed * 1664525u + 1013904223u) >> 29); // 0 to 7: windows have equal ones
        return x;
    }
}

TEST_CASE("pooling of 2x2 is what windows say, for rows shorter and longer than registers", "[kernel]")
{
    for (const std::ptrdiff_t columns : {2, 3, 8, 14, 24, 31, 32, 33, 34, 80})
        for (const std::ptrdiff_t rows : {2, 5, 6})
            for (const std::ptrdiff_t planes : {1, 3})
            {
                INFO(planes << " planes of " << rows << " x " << columns);
                const kernel::pool_extents e{planes, {kernel::pool_axis{}, pairs(rows), pairs(columns)}};
                REQUIRE(e.is_quads());
                const std::ptrdiff_t in = e.in_size(), out = e.out_size();
                const auto x = few_numbers(planes * in, 1), g = few_numbers(planes * out, 2);
                const auto largest = few_numbers(planes * out, 3), mean = few_numbers(planes * out, 4),
                           dx = few_numbers(planes * in, 5);
                x[planes * in / 3] = NAN;
                std::vector<float> room(static_cast<std::size_t>(kernel::pool_workspace(e)));
                std::ptrdiff_t final = 0;
                const auto done = [&](std::ptrdiff_t first, std::ptrdiff_t last)
                {
                    CHECK(first == final);
                    final = last;
                };
                kernel::pool<kernel::pool_max>(e, x.get(), largest.get(), room.data(), done);
                CHECK(final == planes * out);
                final = 0;
                kernel::pool<kernel::pool_mean>(e, x.get(), mean.get(), room.data(), done);
                final = 0;
                kernel::max_pool_gradient(e, g.get(), x.get(), dx.get(), done);
                CHECK(final == planes * in);
                std::vector<float> expected(static_cast<std::size_t>(planes * in));
                bool same = true;
                for (std::ptrdiff_t plane = 0; plane < planes; ++plane)
                    e.each_output(
                        [&](std::ptrdiff_t o, auto d, auto h, auto v)
                        {
                            const float* const from = x.get() + plane * in;
                            const std::ptrdiff_t at = e.largest(from, d, h, v);
                            float sum = 0;
                            e.each_input(d, h, v, [&](std::ptrdiff_t i) { sum += from[i]; });
                            expected[static_cast<std::size_t>(plane * in + at)] += g[plane * out + o];
                            const auto equal = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
                            same = same && equal(largest[plane * out + o], from[at]) && equal(mean[plane * out + o], sum / 4);
                        });
                CHECK(same);
                for (std::ptrdiff_t i = 0; i < planes * in; ++i)
                    same = same && dx[i] == expected[static_cast<std::size_t>(i)];
                CHECK(same);
            }
}
