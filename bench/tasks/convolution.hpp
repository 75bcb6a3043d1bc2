// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

#include <string>
#include <vector>

namespace bench
{
    /// A convolution of square images, padded by half a window unless it is `valid`; channels are those of all groups.
    struct convolution_shape
    {
        int in, out, taps, side;
        int stride = 1, batch = 1, groups = 1;
        bool valid = false;

        int padding() const { return valid ? 0 : taps / 2; }
        int out_side() const { return (side + 2 * padding() - taps) / stride + 1; }
        std::size_t x_size() const { return static_cast<std::size_t>(batch) * in * side * side; }
        std::size_t w_size() const { return static_cast<std::size_t>(out) * (in / groups) * taps * taps; }
        std::size_t y_size() const { return static_cast<std::size_t>(batch) * out * out_side() * out_side(); }
        double flops() const { return 2. * static_cast<double>(w_size()) * batch * out_side() * out_side(); }
        double bytes() const { return 4. * static_cast<double>(x_size() + w_size() + y_size()); }

        /// "64_128_3x3_s2_56_b16"
        std::string name() const
        {
            const std::string k = std::to_string(taps);
            return (groups > 1 ? "" : std::to_string(in) + "_") + std::to_string(out) + "_" + k + "x" + k +
                   (stride > 1 ? "_s" + std::to_string(stride) : "") + (valid ? "_valid" : "") + "_" + std::to_string(side) +
                   (batch > 1 ? "_b" + std::to_string(batch) : "");
        }
    };

    /// y [batch, out, ..] of x [batch, in, ..] and w [out, in / groups, taps, taps].
    struct convolution
    {
        convolution_shape shape;
        numbers x = random_numbers(shape.x_size()), w = random_numbers(shape.w_size());
    };

    /// The gradient of x from that of y and from w.
    struct convolution_input_gradient
    {
        convolution_shape shape;
        numbers g = random_numbers(shape.y_size()), w = random_numbers(shape.w_size());
    };

    /// The gradient of w from that of y and from x.
    struct convolution_weight_gradient
    {
        convolution_shape shape;
        numbers g = random_numbers(shape.y_size()), x = random_numbers(shape.x_size());
    };

    /// Convolutions one after another, of data that do not depend on each other.
    struct convolutions
    {
        std::vector<convolution> layers;
    };

    /// What one of several contestants' parts computed, part by part.
    template <class Parts>
    std::vector<float> all_results(const Parts& parts)
    {
        std::vector<float> all;
        for (const auto& part : parts)
        {
            const std::vector<float> one = part.result();
            all.insert(all.end(), one.begin(), one.end());
        }
        return all;
    }
}
