// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

namespace bench
{
    /// What stands between the layers of a perceptron.
    enum class activation
    {
        relu,
        tanh
    };

    /// The sizes of a perceptron, from inputs to classes, and of its batch.
    struct perceptron_shape
    {
        std::vector<int> sizes;
        int batch;

        double parameters() const
        {
            double count = 0;
            for (std::size_t i = 1; i < sizes.size(); ++i)
                count += (sizes[i - 1] + 1.) * sizes[i];
            return count;
        }
        /// The products of a prediction.
        double prediction_flops() const
        {
            double count = 0;
            for (std::size_t i = 1; i < sizes.size(); ++i)
                count += 2. * batch * sizes[i - 1] * sizes[i];
            return count;
        }
        /// The products of a training step: three for each layer, but no gradient of the batch.
        double training_flops() const { return 3 * prediction_flops() - 2. * batch * sizes[0] * sizes[1]; }
        double batch_bytes() const { return 4. * batch * (sizes.front() + 1); }
    };

    /// A batch with labels, and the parameters that everybody starts from: weight [outputs, inputs] and bias of each layer.
    struct perceptron
    {
        perceptron_shape shape;
        bench::activation activation;
        numbers images;
        std::vector<std::int32_t> labels;
        std::vector<numbers> parameters;

        perceptron(const perceptron_shape& of, bench::activation between)
            : shape(of), activation(between), images(random_numbers(static_cast<std::size_t>(of.batch) * of.sizes[0]))
        {
            for (const float x : random_numbers(static_cast<std::size_t>(of.batch)))
                labels.push_back(static_cast<std::int32_t>((x + 1) / 2 * static_cast<float>(of.sizes.back())));
            for (std::size_t i = 1; i < of.sizes.size(); ++i)
            {
                const auto inputs = static_cast<std::size_t>(of.sizes[i - 1]), outputs = static_cast<std::size_t>(of.sizes[i]);
                const float scale = 1 / std::sqrt(static_cast<float>(inputs));
                parameters.push_back(random_numbers(inputs * outputs, scale));
                parameters.push_back(random_numbers(outputs, scale));
            }
        }
    };

    /// One training step: cross-entropy, its gradient, and Adam with a learning rate of 1e-3. Its result is the loss.
    struct perceptron_training : perceptron
    {
        using perceptron::perceptron;
    };

    /// One prediction. Its result are the logits.
    struct perceptron_prediction : perceptron
    {
        using perceptron::perceptron;
    };
}
