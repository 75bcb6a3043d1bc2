// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../numbers.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace bench
{
    /// A random batch of square images.
    struct images
    {
        int batch, channels, side;
        numbers values = random_numbers(static_cast<std::size_t>(batch) * channels * side * side);
    };

    /// A tensor of a network, named as PyTorch names it.
    struct named_numbers
    {
        std::string name;
        numbers values;
    };

    /// Training steps of a network for images: cross-entropy, its gradient, the optimizer. Their result is the loss.
    struct network_training
    {
        bench::images images;
        int classes;
        /// Parameters and states that everybody starts from.
        std::vector<named_numbers> start;
        std::vector<std::int32_t> labels{};

        network_training(const bench::images& batch, int class_count, std::vector<named_numbers> tensors)
            : images(batch), classes(class_count), start(std::move(tensors))
        {
            for (const float x : random_numbers(static_cast<std::size_t>(batch.batch)))
                labels.push_back(static_cast<std::int32_t>((x + 1) / 2 * static_cast<float>(classes)));
        }
    };

    /// LeNet-5 with relu and max pooling; Adam with a learning rate of 1e-3.
    struct lenet_training : network_training
    {
        using network_training::network_training;
    };

    /// Three convolutions with batch norm and two linear layers; Adam with a learning rate of 1e-3.
    struct cnn_training : network_training
    {
        using network_training::network_training;
    };

    /// torchvision's resnet18; gradient descent with a learning rate of 1e-3 and a momentum of 0.9.
    struct resnet18_training : network_training
    {
        using network_training::network_training;
    };

    /// One prediction of a network that networks/export.py has written. Its result are the logits.
    struct network_prediction
    {
        std::string name;
        bench::images images{1, 3, 224};

        /// The network as safetensors, pt or onnx.
        std::filesystem::path file(const std::string& format) const
        {
            return std::filesystem::path(XGRAD_BENCH_NETWORKS) / (name + "." + format);
        }
        bool was_exported() const { return std::filesystem::exists(file("safetensors")); }
    };
}
