// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

namespace
{
    struct model
    {
        xg::conv2d<4, 6, xg::per_axis{3, 2}, xg::conv_options{.padding = 1, .groups = 2}, double> conv;
        xg::conv1d<3, 2, 3, xg::conv_options{.bias = false}, double> line;
        xg::conv3d<1, 2, 2, xg::conv_options{}, double> room;
        xg::conv_transpose2d<4, 6, 3, xg::conv_options{.stride = 2, .groups = 2}, double> up;
        std::array<xg::conv_transpose1d<2, 3, 4, xg::conv_options{.bias = false}, double>, 2> wide;
    };

    struct layers
    {
        xg::conv1d<2, 3, 2, xg::conv_options{}, double> line;
        xg::conv_transpose1d<3, 2, 3, xg::conv_options{.stride = 2, .padding = 1, .output_padding = 1}, double> back;
        xg::conv3d<1, 2, 2, xg::conv_options{.stride = 2}, double> room;

        constexpr auto operator()(auto x) const { return room(xg::reshape<1, 2, 4, 2>(back(tanh(line(x))))); }
    };
    constexpr auto loss = [](const auto& m, auto x, auto w) { return sum(m(x) * w); };
    using series = xg::batch<3, double, 2, 5>;
    using weights = xg::batch<3, double, 2, 1, 2, 1>;
}

TEST_CASE("convolution layers have PyTorch's names, shapes and initial values", "[nn]")
{
    auto net = xg::network<model>(3);
    struct expected
    {
        const char* name;
        std::vector<int> extents;
        double inputs;
    };
    const std::vector<expected> all{{"conv.weight", {6, 2, 3, 2}, 12},
                                    {"conv.bias", {6}, 12},
                                    {"line.weight", {2, 3, 3}, 9},
                                    {"room.weight", {2, 1, 2, 2, 2}, 8},
                                    {"room.bias", {2}, 8},
                                    {"up.weight", {4, 3, 3, 3}, 27},
                                    {"up.bias", {6}, 27},
                                    {"wide.0.weight", {2, 3, 4}, 12},
                                    {"wide.1.weight", {2, 3, 4}, 12}};
    const auto spans = net.spans();
    REQUIRE(spans.size() == all.size()); // a layer without bias has no entry for it
    for (std::size_t k = 0; k < all.size(); ++k)
    {
        INFO(all[k].name);
        CHECK(spans[k].name == all[k].name);
        REQUIRE(spans[k].extents.rank == static_cast<int>(all[k].extents.size()));
        for (int axis = 0; axis < spans[k].extents.rank; ++axis)
            CHECK(spans[k].extents[axis] == all[k].extents[static_cast<std::size_t>(axis)]);
        const auto* const data = reinterpret_cast<const double*>(spans[k].data);
        const double limit = 1 / std::sqrt(all[k].inputs);
        double largest = 0;
        for (std::ptrdiff_t i = 0; i < spans[k].extents.size(); ++i)
            largest = std::max(largest, std::abs(data[i]));
        CHECK(largest <= limit);
        if (spans[k].extents.size() > 10)
            CHECK(largest > 0.7 * limit);
    }
}

TEST_CASE("convolution layers of one and three axes and transposed ones train", "[nn]")
{
    auto net = xg::network<layers>(1);
    auto step = xg::training_step<series, weights>(net, loss, xg::sgd{.learning_rate = 0});
    const auto x = check::random<series>(1, -1, 1, 2);
    const auto w = check::random<weights>(2, -1, 1, 2);
    step(x, w);
    std::vector<double> gradients;
    for (const auto& tensor : step.gradients())
    {
        const auto* const data = reinterpret_cast<const double*>(tensor.data);
        gradients.insert(gradients.end(), data, data + tensor.extents.size());
    }
    std::size_t at = 0;
    for (const auto& tensor : net.spans())
    {
        INFO(tensor.name);
        auto* const data = reinterpret_cast<double*>(tensor.data);
        for (std::ptrdiff_t i = 0; i < tensor.extents.size(); ++i)
        {
            const double before = data[i];
            data[i] = before + 1e-5;
            const double up = step(x, w);
            data[i] = before - 1e-5;
            const double down = step(x, w);
            data[i] = before;
            CHECK(gradients.at(at++) == Approx((up - down) / 2e-5).epsilon(1e-6).margin(1e-8));
        }
    }
    CHECK(at == gradients.size());

    // forward: the layers are their operations and a bias for each channel
    auto predict = xg::prediction<series>(net);
    constexpr auto definition = [](const auto& m, auto v)
    {
        auto h = tanh(xg::convolution(v, m.line.weight) + xg::reshape<3, 1>(m.line.bias));
        auto b = xg::convolution_transpose<xg::conv_options{.stride = 2, .padding = 1, .output_padding = 1}>(h, m.back.weight) +
                 xg::reshape<2, 1>(m.back.bias);
        return xg::convolution<xg::conv_options{.stride = 2}>(xg::reshape<1, 2, 4, 2>(b), m.room.weight) +
               xg::reshape<2, 1, 1, 1>(m.room.bias);
    };
    auto same = xg::compile<series>(net, definition);
    CHECK(check::distance(predict(x), same(x)) == 0);
}
