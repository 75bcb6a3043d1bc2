// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/jvp.hpp>

namespace
{
    constexpr auto f = [](auto x, auto v)
    {
        const auto y = xg::named(tanh(x * x) + 3 * x);
        return jvp(y, x, v);
    };
    constexpr auto linear = [](auto x, auto v) { return jvp(xg::named(2 * x), x, v); };
    constexpr auto product = [](auto x, auto v) { return jvp(xg::named(matmul(x, transpose(x))), x, v); };
    using matrix = xg::input<double, 3, 5>;
    const auto x = check::random<matrix>(1, -1, 1), v = check::random<matrix>(2, -1, 1);
}

TEST_CASE("jvp is the directional derivative", "[op]")
{
    auto program = xg::compile<matrix, matrix>(xg::with_derivatives<2>(f));
    xg::basic_tape<2> tape;
    const auto on_tape = f(tape.input<matrix>(x), tape.input<matrix>(v));
    std::vector<double> expected;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const double t = std::tanh(x.data()[i] * x.data()[i]);
        expected.push_back(((1 - t * t) * 2 * x.data()[i] + 3) * v.data()[i]);
    }
    CHECK(check::distance(program(x, v), expected) < 1e-14);
    CHECK(check::distance(on_tape.value(), expected) < 1e-14);
    for (auto& number : expected)
        number = 2 * v.data()[&number - expected.data()];
    CHECK(check::distance(linear(tape.input<matrix>(x), tape.input<matrix>(v)).value(), expected) < 1e-14);

    auto square = xg::compile<matrix, matrix>(xg::with_derivatives<2>(product)); // x v^T + v x^T
    auto direct = xg::compile<matrix, matrix>([](auto a, auto b)
                                              { return matmul(a, transpose(b)) + xg::named(matmul(b, transpose(a))); });
    CHECK(check::distance(square(x, v), direct(x, v)) < 1e-14);
}
