// SPDX-License-Identifier: BSD-3-Clause
#include "models.hpp"

#include <catch2/catch.hpp>

TEST_CASE("a graph prints with names, shapes and bytes", "[plan]")
{
    using Catch::Contains;
    auto net = xg::network<models::residual>(1);
    auto predict = xg::prediction<xg::batch<8, float, 32>>(net);
    const std::string text = xg::to_text(predict);
    INFO(text);
    CHECK_THAT(text, Contains("float[<=8, 32] = relu(matmul(input0, hidden.weight^T) + hidden.bias)  1024 bytes at "));
    CHECK_THAT(text, Contains("tanh(matmul("));
    CHECK_THAT(text, Contains("skip.bias"));
    CHECK_THAT(text, Contains("3 statements, "));
    CHECK_THAT(text, Contains(" bytes of scratch memory, "));

    auto step =
        xg::training_step<xg::batch<8, float, 32>, xg::batch<8, std::int32_t>>(net, models::cross_entropy_loss, xg::adam{});
    const std::string training = xg::to_text(step);
    INFO(training);
    CHECK_THAT(training, Contains("gradient of hidden.weight float[32, 32] = matmul("));
    CHECK_THAT(training, Contains("parameters float["));
    CHECK_THAT(training, Contains("= update(parameters, gradients, "));
}

TEST_CASE("a graph draws", "[plan]")
{
    using Catch::Contains;
    auto net = xg::network<models::residual>(1);
    auto predict = xg::prediction<xg::batch<8, float, 32>>(net);
    const std::string dot = xg::to_dot(predict);
    CHECK_THAT(dot, Catch::StartsWith("digraph xgrad {"));
    CHECK_THAT(dot, Contains("[label=\"hidden.weight\\nfloat[32, 32]\", shape=box]"));
    CHECK_THAT(dot, Contains(" -> "));
    CHECK_THAT(dot, Catch::EndsWith("}\n"));
}
