// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/function.hpp>

namespace
{
    // What a program needs to add an elementwise function of its own.
    struct cube : xg::op::elementwise_function
    {
        static constexpr auto name = "cube";
        static constexpr auto forward(const auto& x) { return x * x * x; }
        static constexpr int flops = 2;
        template <int>
        static constexpr unsigned needs = xg::needs::first;
        template <int>
        static constexpr auto gradient(auto g, auto, auto x)
        {
            return g * (3 * x * x);
        }
    };

    // Two operands, the first with a rule that reads the result, the second without any: no gradient flows there.
    struct scaled_exp : xg::op::elementwise_function
    {
        static constexpr auto name = "scaled_exp";
        static constexpr auto forward(const auto& x, const auto& scale) { return scale * xg::kernel::exp(x); }
        template <int Operand>
            requires(Operand == 0)
        static constexpr unsigned needs = xg::needs::result;
        template <int>
        static constexpr auto gradient(auto g, auto y, auto, auto)
        {
            return g * y;
        }
    };

    constexpr auto f = [](auto x) { return xg::elementwise<cube>(x); };
    constexpr auto g = [](auto x, auto scale) { return xg::elementwise<scaled_exp>(x, scale); };
    using tensor = xg::input<double, 3, 7>;
    static_assert(check::constant(f, std::array{-2., 3.}) == std::array{-8., 27.});
    static_assert(xg::graph_of<check::builder<decltype(f), tensor>>.view().flops() == 42);
    static_assert(check::statements<tensor>([](auto x) { return relu(f(x + 1)) * 2; }) == 2); // a parameter is a name
    static_assert(check::statements<tensor>([](auto x) { return relu(xg::elementwise<cube>(x + 1)) * 2; }) == 1);
}

TEST_CASE("an elementwise function of one's own is differentiated like any other", "[op]")
{
    check::gradients<tensor>(f, check::random<tensor>(1, -2, 2));
    check::second_gradients<tensor>(f, check::random<tensor>(2, -2, 2));
    check::same_everywhere<float>(f, -2, 2);
}

TEST_CASE("an operand without a rule has no gradient", "[op]")
{
    check::gradients<tensor>([](auto x) { return g(x, 2 * xg::stop_gradient(x) * 0 + 1.5); }, check::random<tensor>(3, -1, 1));
    using small = xg::input<double, 2>;
    auto program = xg::compile<small, small>(
        xg::with_derivatives<1>([](auto x, auto scale) { return gradient(sum(g(x, scale)), x, scale); }));
    const auto [x, scale] = program(std::array{0., 1.}, std::array{2., 3.});
    CHECK(check::distance(x, std::array{2., 3 * std::exp(1.)}) < 1e-14);
    CHECK(check::distance(scale, std::array{0., 0.}) == 0);
}
