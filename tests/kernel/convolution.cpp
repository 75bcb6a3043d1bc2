// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/kernel/convolution.hpp>
#include <xgrad/tensor/buffer.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

using namespace xgrad;
using kernel::convolution_extents, kernel::window_axis;

namespace
{
    /// Numbers in [-1, 1) in a heap block of exactly their size, so that a sanitizer sees every step past it.
    template <class T>
    struct numbers
    {
        std::ptrdiff_t size;
        std::unique_ptr<T[]> data;

        numbers(std::ptrdiff_t size, std::uint32_t seed) : size(size), data(new T[static_cast<std::size_t>(size)])
        {
            for (std::ptrdiff_t i = 0; i < size; ++i)
                data[i] = static_cast<T>(static_cast<double>((seed = seed * 1664525u + 1013904223u) >> 8) / 8388608.0 - 1);
        }
        operator T*() const { return data.get(); }
    };

    window_axis axis(std::ptrdiff_t in, std::ptrdiff_t taps, std::ptrdiff_t stride = 1, std::ptrdiff_t padding = 0,
                     std::ptrdiff_t padding_end = 0, std::ptrdiff_t dilation = 1)
    {
        return {in, (in + padding + padding_end - (taps - 1) * dilation - 1) / stride + 1, taps, stride, dilation, padding};
    }

    std::vector<convolution_extents> cases()
    {
        const window_axis none;
        std::vector<convolution_extents> all;
        const auto add = [&](std::ptrdiff_t batch, std::ptrdiff_t groups, std::ptrdiff_t in, std::ptrdiff_t out, window_axis d,
                             window_axis h, window_axis v) { all.push_back({batch, groups, in, out, {d, h, v}}); };
        add(1, 1, 1, 1, none, none, axis(1, 1));
        add(2, 1, 3, 5, none, none, axis(17, 3));
        add(1, 1, 2, 3, none, none, axis(50, 7, 3, 4, 1, 2));
        add(3, 1, 3, 7, none, axis(8, 1), axis(9, 1));
        add(2, 1, 19, 33, none, axis(7, 1, 2), axis(7, 1, 2));
        add(2, 1, 5, 9, none, axis(13, 3, 1, 1, 1), axis(11, 3, 1, 1, 1));
        add(1, 1, 16, 40, none, axis(28, 3, 1, 1, 1), axis(29, 3, 1, 1, 1));
        add(1, 1, 3, 20, none, axis(30, 7, 2, 3, 3), axis(31, 7, 2, 3, 3));
        add(2, 1, 4, 6, none, axis(12, 3, 2, 0, 1), axis(12, 3, 2, 0, 1));
        add(1, 1, 6, 4, none, axis(15, 3, 1, 2, 2, 2), axis(14, 3, 3, 2, 0, 3));
        add(1, 1, 2, 3, none, axis(4, 2, 1, 3, 3), axis(3, 2, 1, 5, 0));
        add(2, 3, 4, 5, none, axis(9, 3, 1, 1, 1), axis(10, 3, 2, 1, 1));
        add(2, 5, 1, 1, none, axis(9, 3, 1, 1, 1), axis(37, 3, 1, 1, 1));
        add(2, 5, 1, 1, none, axis(10, 3, 2, 0, 1), axis(10, 3, 2, 0, 1));
        add(1, 3, 1, 1, none, axis(33, 3, 1, 1, 1), axis(40, 3, 1, 1, 1));
        add(3, 5, 1, 1, none, axis(7, 3, 1, 1, 1), axis(7, 3, 1, 1, 1));
        add(1, 2, 1, 1, none, axis(1, 3, 1, 1, 1), axis(1, 3, 1, 1, 1));
        add(1, 2, 1, 1, none, axis(19, 3, 1, 1, 1), axis(2, 3, 1, 1, 1));
        add(1, 2, 1, 1, none, axis(12, 9, 1, 4, 4), axis(13, 9, 1, 4, 4));
        add(2, 5, 1, 1, none, axis(9, 3, 2, 1, 1), axis(14, 3, 2, 1, 1));
        add(1, 3, 1, 1, none, axis(10, 3, 2, 1, 1), axis(70, 3, 2, 1, 1));
        add(1, 2, 1, 1, none, axis(1, 3, 2, 1, 1), axis(2, 3, 2, 1, 1));
        add(1, 3, 1, 2, none, axis(6, 3, 1, 1, 1), axis(6, 3, 1, 1, 1));
        add(2, 1, 3, 5, axis(5, 3, 1, 1, 1), axis(6, 2, 2, 0, 0), axis(7, 3, 1, 1, 1));
        add(1, 4, 1, 1, axis(4, 3, 1, 1, 1), axis(5, 3), axis(6, 3, 2, 1, 1));
        add(1, 1, 260, 150, none, none, axis(23, 3, 1, 1, 1));             // several blocks of depth and rows
        add(1, 1, 8, 300, none, axis(30, 1), axis(31, 3, 1, 1));           // several blocks of columns
        add(5, 1, 20, 17, none, axis(4, 3, 1, 1, 1), axis(5, 3, 1, 1, 1)); // small images side by side
        add(40, 1, 9, 11, none, axis(7, 3, 2, 1, 1), axis(7, 3, 2, 1, 1));
        add(9, 1, 30, 40, none, axis(2, 1), axis(3, 1));
        add(2, 1, 5, 70, none, axis(2, 3, 1, 1, 1), axis(2, 3, 1, 1, 1)); // whose gradients are scattered
        add(3, 1, 16, 6, none, axis(9, 3, 3, 1, 1), axis(10, 3, 3, 1, 1));
        add(2, 1, 3, 6, none, axis(9, 5), axis(12, 5)); // few channels, read where they lie, and from a padded copy
        add(2, 2, 2, 16, none, axis(9, 3, 1, 1, 1), axis(24, 3, 1, 1, 1));
        add(1, 2, 21, 37, none, axis(7, 1), axis(7, 1)); // one output more than registers
        add(1, 1, 30, 21, none, axis(13, 3, 2, 1, 1), axis(13, 3, 2, 1, 1));
        add(4, 1, 3, 5, none, axis(3, 3), axis(3, 3)); // one output
        return all;
    }

    std::string text(const convolution_extents& e)
    {
        std::string s = std::to_string(e.batch) + " images, " + std::to_string(e.groups) + " groups, " +
                        std::to_string(e.in_channels) + " to " + std::to_string(e.out_channels) + " channels";
        for (const window_axis& a : e.axis)
            s += ", " + std::to_string(a.in) + " to " + std::to_string(a.out) + " by " + std::to_string(a.taps) + " taps";
        return s;
    }

    template <class T>
    double distance(const numbers<T>& a, const std::vector<double>& b)
    {
        double most = 0;
        for (std::ptrdiff_t i = 0; i < a.size; ++i)
            if (const double d = std::abs(double(a.data[i]) - b[static_cast<std::size_t>(i)]); !(d <= most))
                most = d;
        return most;
    }

    template <class T>
    void check(double tolerance)
    {
        for (const convolution_extents& e : cases())
        {
            INFO(text(e));
            const std::ptrdiff_t x_size = e.batch * e.groups * e.in_channels * e.in_size();
            const std::ptrdiff_t y_size = e.batch * e.groups * e.out_channels * e.out_size();
            const numbers<T> x(x_size, 1), w(e.groups * e.out_channels * e.depth(), 2), g(y_size, 3);
            const numbers<T> y(y_size, 4), dx(x_size, 5), dw(w.size, 6);
            std::vector<double> true_y(y_size), true_dx(x_size), true_dw(w.size);
            kernel::each_term(e,
                              [&](std::ptrdiff_t i, std::ptrdiff_t k, std::ptrdiff_t o)
                              {
                                  true_y[o] += double(x[i]) * w[k];
                                  true_dx[i] += double(g[o]) * w[k];
                                  true_dw[k] += double(g[o]) * x[i];
                              });
            const auto workspace = [](std::ptrdiff_t elements)
            { return buffer(static_cast<std::size_t>(elements) * sizeof(T)); };
            std::vector<int> times(y_size);
            const auto once = [](std::vector<int>& seen)
            {
                return [&seen](std::ptrdiff_t first, std::ptrdiff_t last)
                {
                    for (; first < last; ++first)
                        ++seen[first];
                };
            };
            auto room = workspace(kernel::convolution_workspace<T>(e));
            kernel::convolution<T>(e, x, w, y, reinterpret_cast<T*>(room.data()), once(times));
            CHECK(distance(y, true_y) <= tolerance);
            CHECK(times == std::vector<int>(y_size, 1));
            room = workspace(kernel::convolution_input_gradient_workspace<T>(e));
            times.assign(x_size, 0);
            kernel::convolution_input_gradient<T>(e, g, w, dx, reinterpret_cast<T*>(room.data()), once(times));
            CHECK(distance(dx, true_dx) <= tolerance);
            CHECK(times == std::vector<int>(x_size, 1));
            room = workspace(kernel::convolution_weight_gradient_workspace<T>(e));
            times.assign(w.size, 0);
            kernel::convolution_weight_gradient<T>(e, g, x, dw, reinterpret_cast<T*>(room.data()), once(times));
            CHECK(distance(dw, true_dw) <= tolerance * 4);
            CHECK(times == std::vector<int>(w.size, 1));
        }
    }
}

TEST_CASE("convolutions and their gradients are the sums they are defined as", "[kernel]")
{
    check<double>(1e-12);
    check<float>(1e-4);
}

TEST_CASE("the workspace for a batch is enough for a smaller one", "[kernel]")
{
    const auto check = [](const auto& workspace, const char* what)
    {
        for (const std::ptrdiff_t channels : {1, 3, 9, 40, 300})
            for (const std::ptrdiff_t out : {1, 16, 70, 512})
                for (const std::ptrdiff_t side : {1, 2, 3, 5, 6, 7, 8, 13, 14, 40})
                    for (const std::ptrdiff_t stride : {1, 2})
                        for (const std::ptrdiff_t taps : {1, 3, 7})
                            for (const std::ptrdiff_t rows : {std::ptrdiff_t{1}, side})
                            {
                                const window_axis h = axis(rows, taps, stride, taps / 2, taps / 2);
                                const window_axis v = axis(side, taps, stride, taps / 2, taps / 2);
                                convolution_extents e{1, 1, channels, out, {window_axis{}, h, v}};
                                for (std::ptrdiff_t before = 0; e.batch < 70; ++e.batch)
                                {
                                    const std::ptrdiff_t now = workspace(e);
                                    if (now < before)
                                        FAIL(what << ": " << text(e));
                                    before = now;
                                }
                            }
    };
    check(kernel::convolution_workspace<float>, "outputs");
    check(kernel::convolution_input_gradient_workspace<float>, "gradients of inputs");
    check(kernel::convolution_weight_gradient_workspace<float>, "gradients of weights");
}

TEST_CASE("what a window does not see of a small plane is not in its sum, infinite or not", "[kernel]")
{
    const convolution_extents e{1, 2, 1, 1, {window_axis{}, axis(3, 3, 1, 1, 1), axis(4, 3, 1, 1, 1)}};
    std::vector<float> x(24, 1), w(18, 1), y(24);
    x[7] = std::numeric_limits<float>::infinity(); // the end of the second row lies before the beginning of the third
    buffer room(static_cast<std::size_t>(kernel::convolution_workspace<float>(e)) * sizeof(float));
    kernel::convolution<float>(e, x.data(), w.data(), y.data(), reinterpret_cast<float*>(room.data()),
                               [](std::ptrdiff_t, std::ptrdiff_t) {});
    for (const std::size_t row : {0, 1, 2})
        for (const std::size_t column : {0, 1, 2, 3})
            CHECK(std::isinf(y[row * 4 + column]) == (column >= 2));
    CHECK(y[12] == 4);
}
