// SPDX-License-Identifier: BSD-3-Clause
#include <op/check.hpp>

#include <xgrad/plan/gradient_check.hpp>

namespace
{
    struct softsign_function : xg::op::elementwise_function
    {
        static constexpr auto name = "softsign";
        template <class V>
        static constexpr V forward(const V& x)
        {
            return x / (V(1) + xg::kernel::abs(x));
        }
        template <int>
        static constexpr unsigned needs = xg::needs::first;
        template <int>
        static constexpr auto gradient(auto g, auto, auto x)
        {
            return g / square(1 + abs(x));
        }
    };
    struct wrong_function : softsign_function
    {
        template <int>
        static constexpr auto gradient(auto g, auto, auto x)
        {
            return g / (1 + abs(x));
        }
    };

    constexpr auto right = [](auto x) { return xg::elementwise<softsign_function>(x * 2) * x; };
    constexpr auto wrong = [](auto x) { return xg::elementwise<wrong_function>(x * 2) * x; };
}

TEST_CASE("gradient_check tells a right gradient from a wrong one", "[plan]")
{
    using vector = xg::input<double, 7>;
    const auto x = check::random<vector>(1, 0.5, 2);
    CHECK(xg::gradient_check<vector>(right, x) < 1e-8);
    CHECK(xg::gradient_check<vector>(wrong, x) > 1e-2);

    using batch = xg::batch<8, double, 3>;
    using weight = xg::input<double, 4, 3>;
    using labels = xg::batch<8, std::int32_t>;
    const auto loss = [](auto a, auto w, auto y) { return cross_entropy(matmul(a, transpose(w)), y); };
    const auto a = check::random<batch>(1, -1, 1, 5);
    const auto w = check::random<weight>(2, -1, 1);
    const auto y = check::random<labels>(3, 0, 4, 5);
    CHECK((xg::gradient_check<batch, weight, labels>(loss, a, w, y)) < 1e-8);
}

// What a model is made of: the layers on a tape, against central differences.
TEST_CASE("operations on a tape have the gradients that differences give", "[plan]")
{
    using matrix = xg::input<double, 3, 5>;
    const auto x = check::random<matrix>(1, 0.2, 1.5), z = check::random<matrix>(2, -1, 1);
    const auto one = [&](auto f) { CHECK((xg::gradient_check<matrix, matrix>(f, x, z)) < 1e-7); };
    one([](auto a, auto b) { return softmax(a * b) - log_softmax<0>(a + b) / sqrt(a); });
    one([](auto a, auto b) { return concatenate<0>(a, slice<0, 1, 3>(b * b)) * 2; });
    one([](auto a, auto b) { return matmul(a, transpose(b)) + matmul(transpose(reshape<5, 3>(a)), reshape<5, 3>(b)); });
    one([](auto a, auto b) { return where(b > 0, log(a), exp(b)) * max<1>(a, xg::keep_axes) + logsumexp<0>(b); });
    one([](auto a, auto b) { return standardize(a + b, 1e-5) * sigmoid(b) + gelu(a) * pow(a, 1.5) + silu(b) * softplus(b); });
    one([](auto a, auto b) { return stack<1>(std::array{xg::named(a * b), xg::named(tanh(b))}) * 2; });
}
