// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/winograd.hpp>
#include <xgrad/tensor/buffer.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <memory>
#include <vector>

using namespace xgrad;

namespace
{
    template <class T>
    void check(std::ptrdiff_t batch, std::ptrdiff_t in, std::ptrdiff_t out, kernel::window_axis h, kernel::window_axis v,
               double tolerance)
    {
        INFO(in << " to " << out << " channels, " << h.in << " x " << v.in);
        const kernel::convolution_extents e{batch, 1, in, out, {kernel::window_axis{}, h, v}};
        std::uint32_t seed = 1;
        const auto numbers = [&](std::ptrdiff_t count)
        {
            std::unique_ptr<T[]> x(new T[static_cast<std::size_t>(count)]); // a sanitizer sees what reads past it
            for (std::ptrdiff_t i = 0; i < count; ++i)
                x[i] = static_cast<T>(static_cast<double>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.0 - 1);
            return x;
        };
        const std::ptrdiff_t size = batch * out * e.out_size();
        const auto x = numbers(batch * in * e.in_size()), w = numbers(out * in * 9), y = numbers(size);
        const auto room = [](std::ptrdiff_t count) { return buffer(static_cast<std::size_t>(count) * sizeof(T)); };
        auto weights = room(kernel::winograd_extents(e).weights_size()), workspace = room(kernel::winograd_workspace(e));
        auto* const u = reinterpret_cast<T*>(weights.data());
        kernel::winograd_weights<T>(e, w.get(), u);
        std::vector<int> times(size);
        kernel::winograd_convolution<T>(e, x.get(), u, y.get(), reinterpret_cast<T*>(workspace.data()),
                                        [&](std::ptrdiff_t first, std::ptrdiff_t last)
                                        {
                                            for (; first < last; ++first)
                                                ++times[first];
                                        });
        CHECK(times == std::vector<int>(size, 1));
        std::vector<double> truth(size);
        kernel::each_term(e, [&](std::ptrdiff_t i, std::ptrdiff_t k, std::ptrdiff_t o) { truth[o] += double(x[i]) * w[k]; });
        double largest = 0, error = 0;
        for (std::ptrdiff_t i = 0; i < size; ++i)
        {
            largest = std::max(largest, std::abs(truth[i]));
            error = std::max(error, std::abs(y[i] - truth[i]));
        }
        CHECK(error <= tolerance * largest);
    }
}

TEST_CASE("minimal filtering computes convolutions, with the error that is documented", "[kernel]")
{
    const auto axis = [](std::ptrdiff_t in, std::ptrdiff_t padding, std::ptrdiff_t padding_end)
    { return kernel::window_axis{in, in + padding + padding_end - 2, 3, 1, 1, padding}; };
    check<float>(1, 256, 64, axis(16, 1, 1), axis(12, 1, 1), 2e-5);
    check<float>(1, 256, 64, axis(12, 1, 1), axis(12, 1, 1), 2e-6); // tiles of 2x2 outputs
    check<float>(2, 260, 33, axis(7, 1, 1), axis(9, 0, 1), 2e-6);
    check<float>(1, 256, 70, axis(14, 1, 1), axis(13, 1, 1), 2e-6); // 49 tiles
    check<double>(1, 256, 50, axis(3, 1, 1), axis(14, 1, 1), 1e-14);
    check<float>(2, 32, 33, axis(13, 1, 1), axis(14, 0, 1), 1e-5);
    check<float>(1, 37, 32, axis(15, 0, 0), axis(21, 2, 2), 1e-5);
    check<double>(1, 33, 50, axis(17, 1, 1), axis(14, 1, 1), 1e-13);
    check<float>(1, 16, 16, axis(3, 0, 0), axis(3, 1, 1), 1e-5);
}
