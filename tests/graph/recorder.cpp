// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

namespace
{
    template <class F, class... Inputs>
    constexpr int statements = decltype(xg::compile<Inputs...>(F{}))::graph.view().statements();
    template <class F>
    constexpr int of_two = statements<F, xg::input<float, 4, 5>, xg::input<float, 4, 5>>;
    template <class F>
    constexpr int count(F)
    {
        return of_two<F>;
    }

    // what is unnamed fuses
    static_assert(count([](auto a, auto b) { return relu(a * b + 1) / 2; }) == 1);
    // a name is computed once, however often it is used
    static_assert(count(
                      [](auto a, auto b)
                      {
                          auto h = a * b;
                          return h + tanh(h);
                      }) == 2);
    static_assert(count(
                      [](auto a, auto b)
                      {
                          auto h = a * b;
                          auto k = h;
                          return h + k;
                      }) == 2);
    // moved on, it is not a name any more
    static_assert(count(
                      [](auto a, auto b)
                      {
                          auto h = a * b;
                          return std::move(h) + 1;
                      }) == 1);
    // the same statement recorded twice is found
    static_assert(count(
                      [](auto a, auto b)
                      {
                          auto h = a * b;
                          auto k = a * b;
                          return h + k;
                      }) == 2);
    // a product takes what follows it into its loop nest, and only one product does
    static_assert(count([](auto a, auto b) { return relu(matmul(a, transpose(b)) + 1); }) == 1);
    static_assert(count([](auto a, auto b) { return matmul(a, transpose(b)) + matmul(b, transpose(a)); }) == 2);
    // what a reduction reads is computed on the way
    static_assert(count([](auto a, auto b) { return xg::sum(square(a - b)); }) == 1);
    // a smaller operand is computed once, not for every element it is broadcast to
    static_assert(count([](auto a, auto b) { return a + exp(xg::sum<0>(b)); }) == 2);
    // what nobody asks for is not there
    static_assert(count(
                      [](auto a, auto b)
                      {
                          [[maybe_unused]] auto h = xg::named(exp(b));
                          return a * 2;
                      }) == 1);

    // a lazily built expression can be returned, stored and used twice
    constexpr auto lazy(auto a, auto b) { return a * b + 1; }
    static_assert(count(
                      [](auto a, auto b)
                      {
                          auto e = lazy(a + 0, b + 0);
                          return e * e;
                      }) == 4);
}

TEST_CASE("expressions hold values, so that nothing dangles", "[graph]")
{
    auto f = xg::compile<xg::input<float, 3>>(
        [](auto x)
        {
            auto build = [](auto y) { return [=] { return y * 2 + y; }; };
            auto first = build(x + 1);
            auto second = build(x);
            auto e = first();
            return e * second() + e;
        });
    const auto y = f(std::vector<float>{1, 2, 3});
    for (int i = 0; i < 3; ++i)
    {
        const float x = static_cast<float>(i + 1), e = 3 * (x + 1);
        CHECK(y(i) == e * (3 * x) + e);
    }
}

TEST_CASE("a fused statement keeps the value that its gradient needs", "[graph]")
{
    // gelu reads its argument, which is inside the product's statement: the training step splits it, prediction does not
    constexpr auto forward = [](auto x, auto w) { return xg::gelu(matmul(x, w) + 1); };
    constexpr auto with_gradient = [](auto x, auto w) { return gradient(xg::sum(xg::gelu(matmul(x, w) + 1)), w); };
    auto predict = xg::compile<xg::input<double, 2, 3>, xg::input<double, 3, 4>>(forward);
    static_assert(predict.graph.view().statements() == 1);
    auto differentiate = xg::compile<xg::input<double, 2, 3>, xg::input<double, 3, 4>>(xg::with_derivatives<1>(with_gradient));
    const xt::xtensor<double, 2> x{{0.1, -0.4, 0.3}, {0.7, 0.2, -0.9}};
    xt::xtensor<double, 2> w{{0.5, -0.1, 0.3, 0.9}, {-0.6, 0.2, 0.1, 0.4}, {0.8, 0.7, -0.2, 0.3}};
    const xt::xtensor<double, 2> g = differentiate(x, w);
    for (std::size_t i = 0; i < w.size(); ++i)
    {
        const double before = w.data()[i];
        w.data()[i] = before + 1e-5;
        const double above = xt::sum(predict(x, w))();
        w.data()[i] = before - 1e-5;
        const double below = xt::sum(predict(x, w))();
        w.data()[i] = before;
        CHECK(g.data()[i] == Approx((above - below) / 2e-5).epsilon(1e-7));
    }
}

TEST_CASE("an expression of any size compiles: its large parts become statements", "[graph]")
{
    constexpr auto many = [](auto x)
    {
        return [&]<int... I>(std::integer_sequence<int, I...>)
        { return ((square(x) * (I + 1)) + ...) * (... + (square(x) * (I + 1))); }(std::make_integer_sequence<int, 40>{});
    };
    auto f = xg::compile<xg::input<double, 3>>(many);
    static_assert(f.graph.view().statements() > 2 && f.graph.view().statements() < 16);
    const auto y = f(std::vector<double>{1, 2, 3});
    for (int i = 0; i < 3; ++i)
        CHECK(y(i) == 820. * 820. * std::pow(i + 1, 4));
}
