// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <torch/torch.h>

namespace bench::libtorch
{
    using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::Linear;

    inline Conv2d padded_conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool bias)
    {
        return Conv2d(Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(bias));
    }

    struct lenet : torch::nn::Module
    {
        Conv2d conv1 = register_module("conv1", Conv2d(1, 6, 5));
        Conv2d conv2 = register_module("conv2", Conv2d(6, 16, 5));
        Linear fc1 = register_module("fc1", Linear(256, 120));
        Linear fc2 = register_module("fc2", Linear(120, 84));
        Linear fc3 = register_module("fc3", Linear(84, 10));

        torch::Tensor forward(torch::Tensor x)
        {
            x = torch::max_pool2d(torch::relu(conv1(x)), 2);
            x = torch::max_pool2d(torch::relu(conv2(x)), 2);
            return fc3(torch::relu(fc2(torch::relu(fc1(x.flatten(1))))));
        }
    };

    struct cnn : torch::nn::Module
    {
        Conv2d conv1 = register_module("conv1", padded_conv(3, 32, 3, 1, true));
        BatchNorm2d bn1 = register_module("bn1", BatchNorm2d(32));
        Conv2d conv2 = register_module("conv2", padded_conv(32, 32, 3, 1, true));
        BatchNorm2d bn2 = register_module("bn2", BatchNorm2d(32));
        Conv2d conv3 = register_module("conv3", padded_conv(32, 64, 3, 1, true));
        BatchNorm2d bn3 = register_module("bn3", BatchNorm2d(64));
        Linear fc1 = register_module("fc1", Linear(4096, 128));
        Linear fc2 = register_module("fc2", Linear(128, 10));

        torch::Tensor forward(torch::Tensor x)
        {
            x = bn1(conv1(x)).relu_();
            x = torch::max_pool2d(bn2(conv2(x)).relu_(), 2);
            x = torch::max_pool2d(bn3(conv3(x)).relu_(), 2);
            return fc2(torch::relu(fc1(x.flatten(1))));
        }
    };

    struct basic_block : torch::nn::Module
    {
        Conv2d conv1, conv2;
        BatchNorm2d bn1, bn2;
        torch::nn::Sequential downsample;

        basic_block(std::int64_t in, std::int64_t out, std::int64_t stride)
            : conv1(register_module("conv1", padded_conv(in, out, 3, stride, false))),
              conv2(register_module("conv2", padded_conv(out, out, 3, 1, false))),
              bn1(register_module("bn1", BatchNorm2d(out))), bn2(register_module("bn2", BatchNorm2d(out)))
        {
            if (stride != 1 || in != out)
                downsample->push_back(padded_conv(in, out, 1, stride, false)), downsample->push_back(BatchNorm2d(out));
            register_module("downsample", downsample);
        }
        torch::Tensor forward(torch::Tensor x)
        {
            const torch::Tensor past = downsample->is_empty() ? x : downsample->forward(x);
            x = bn1(conv1(x)).relu_();
            return bn2(conv2(x)).add_(past).relu_();
        }
    };

    struct resnet18 : torch::nn::Module
    {
        Conv2d conv1 = register_module("conv1", padded_conv(3, 64, 7, 2, false));
        BatchNorm2d bn1 = register_module("bn1", BatchNorm2d(64));
        torch::nn::Sequential layer1 = stage("layer1", 64, 64, 1), layer2 = stage("layer2", 64, 128, 2),
                              layer3 = stage("layer3", 128, 256, 2), layer4 = stage("layer4", 256, 512, 2);
        Linear fc = register_module("fc", Linear(512, 1000));

        torch::nn::Sequential stage(const char* name, std::int64_t in, std::int64_t out, std::int64_t stride)
        {
            return register_module(name, torch::nn::Sequential(std::make_shared<basic_block>(in, out, stride),
                                                               std::make_shared<basic_block>(out, out, 1)));
        }
        torch::Tensor forward(torch::Tensor x)
        {
            x = torch::max_pool2d(bn1(conv1(x)).relu_(), 3, 2, 1);
            x = layer4->forward(layer3->forward(layer2->forward(layer1->forward(x))));
            return fc(torch::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
        }
    };
}
