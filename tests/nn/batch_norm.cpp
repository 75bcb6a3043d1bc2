// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/optim/optim.hpp>

namespace
{
    struct model
    {
        xg::batch_norm<3, double> norm;
        constexpr auto operator()(auto x) const { return norm(x); }
    };
    // distinct weights, so that the gradient of the mean does not vanish
    constexpr auto loss = [](const auto& model, auto x, auto w) { return sum(model(x) * w); };

    // the definition, with x as [batch, 3, inner]
    struct expected
    {
        std::vector<double> y;
        std::array<double, 3> mean{}, variance{}; // the unbiased one
    };
    expected by_definition(const std::vector<double>& x, std::size_t rows, std::size_t inner)
    {
        expected result;
        result.y.resize(x.size());
        const double count = static_cast<double>(rows * inner);
        for (std::size_t c = 0; c < 3; ++c)
        {
            const auto each = [&](auto&& f)
            {
                for (std::size_t row = 0; row < rows; ++row)
                    for (std::size_t k = 0; k < inner; ++k)
                        f((row * 3 + c) * inner + k);
            };
            double mean = 0, squares = 0;
            each([&](std::size_t i) { mean += x[i] / count; });
            each([&](std::size_t i) { squares += (x[i] - mean) * (x[i] - mean); });
            each([&](std::size_t i) { result.y[i] = (x[i] - mean) / std::sqrt(squares / count + 1e-5); });
            result.mean[c] = mean;
            result.variance[c] = squares / std::max(count - 1, 1.);
        }
        return result;
    }

    template <class Input>
    void normalises(std::size_t rows, std::size_t inner)
    {
        auto net = xg::network<model>();
        auto step = xg::training_step<Input, Input>(net, loss, xg::sgd{.learning_rate = 0});
        const auto x = check::random<Input>(1, -2, 3, static_cast<int>(rows));
        const auto w = check::random<Input>(2, -1, 1, static_cast<int>(rows));
        const auto e = by_definition(std::vector<double>(x.begin(), x.end()), rows, inner);
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i)
            sum += e.y[i] * w.data()[i];
        CHECK(step(x, w) == Approx(sum).epsilon(1e-12).margin(1e-12));
        const auto mean = net[net.model.norm.running_mean], variance = net[net.model.norm.running_var];
        for (std::size_t c = 0; c < 3; ++c)
        {
            CHECK(mean(c) == Approx(0.1 * e.mean[c]).epsilon(1e-12));
            CHECK(variance(c) == Approx(0.9 + 0.1 * e.variance[c]).epsilon(1e-12));
        }
        auto predict = xg::prediction<Input>(net);
        const auto y = predict(x);
        for (std::size_t i = 0; i < x.size(); ++i)
        {
            const std::size_t c = i / inner % 3;
            CHECK(y.data()[i] == Approx((x.data()[i] - mean(c)) / std::sqrt(variance(c) + 1e-5)).epsilon(1e-12));
        }
    }
}

TEST_CASE("batch_norm normalises with the batch in training, with running statistics in prediction", "[nn]")
{
    normalises<xg::batch<8, double, 3>>(8, 1);
    normalises<xg::batch<8, double, 3>>(5, 1);
    normalises<xg::batch<8, double, 3, 4>>(3, 4);
    normalises<xg::batch<4, double, 3, 5, 2>>(4, 10);
    normalises<xg::input<double, 2, 3, 2, 2, 3>>(2, 12);
}

TEST_CASE("batch_norm has the derivatives that differences give", "[nn]")
{
    using tensor = xg::input<double, 4, 3, 2>;
    auto net = xg::network<model>();
    auto step = xg::training_step<tensor, tensor>(net, loss, xg::sgd{.learning_rate = 0});
    const auto x = check::random<tensor>(1, -2, 2);
    const auto w = check::random<tensor>(2, -2, 2);
    step(x, w);
    const xt::xtensor<double, 1> weight = step.gradient(net.model.norm.weight), bias = step.gradient(net.model.norm.bias);
    for (std::size_t c = 0; c < 3; ++c)
    {
        const auto slope = [&](auto view)
        {
            const double before = view(c);
            view(c) = before + 1e-5;
            const double up = step(x, w);
            view(c) = before - 1e-5;
            const double down = step(x, w);
            view(c) = before;
            return (up - down) / 2e-5;
        };
        CHECK(weight(c) == Approx(slope(net[net.model.norm.weight])).epsilon(1e-6).margin(1e-8));
        CHECK(bias(c) == Approx(slope(net[net.model.norm.bias])).epsilon(1e-6).margin(1e-8));
    }
}

TEST_CASE("batch_norm outside of training is a scale and a shift, also for derivatives", "[nn]")
{
    using tensor = xg::batch<4, double, 3, 2>;
    auto net = xg::network<model>();
    const std::array mean{1., -2., 0.5}, variance{0.25, 4., 1.}, weight{2., -1., 0.5};
    for (std::size_t c = 0; c < 3; ++c)
    {
        net[net.model.norm.running_mean](c) = mean[c];
        net[net.model.norm.running_var](c) = variance[c];
        net[net.model.norm.weight](c) = weight[c];
    }
    constexpr auto both = [](const auto& m, auto x)
    {
        auto g = gradient(sum(square(m(x))) * 0.5, x);
        return std::make_tuple(m(x), g, gradient(sum(square(g)) * 0.5, x));
    };
    auto program = xg::compile<tensor>(net, xg::with_derivatives<2>(both));
    const auto x = check::random<tensor>(1, -2, 2, 3);
    const auto [y, first, second] = program(x);
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const std::size_t c = i / 2 % 3;
        const double scale = weight[c] / std::sqrt(variance[c] + 1e-5), expected = (x.data()[i] - mean[c]) * scale;
        CHECK(y.data()[i] == Approx(expected).epsilon(1e-12));
        CHECK(first.data()[i] == Approx(expected * scale).epsilon(1e-12));
        CHECK(second.data()[i] == Approx(expected * scale * scale * scale).epsilon(1e-12));
    }
}
