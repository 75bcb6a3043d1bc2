// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/xtensor.hpp>
#include <xtensor/xmath.hpp>

namespace
{
    constexpr auto theirs = [](auto a, auto b)
    {
        auto h = xt::tanh(xt::square(a) + b) * 2.f; // a name, so an lvalue below
        const auto chosen = xt::where(a > 0.f, xt::exp(h), xt::sqrt(xt::abs(h) + 1.f));
        return xt::sum(chosen) + xt::mean(h) + xt::amax(xt::pow(h, 2.f)) + xt::sum(xt::maximum(a, 0.5f) * xt::log(b)) +
               xt::sum(xt::minimum(a, b));
    };
    constexpr auto ours = [](auto a, auto b)
    {
        auto h = tanh(square(a) + b) * 2.f;
        const auto chosen = where(a > 0.f, exp(h), sqrt(abs(h) + 1.f));
        return sum(chosen) + mean(h) + max(pow(h, 2.f)) + sum(maximum(a, 0.5f) * log(b)) + sum(minimum(a, b));
    };
    using vector = xg::input<float, 7>;
    const auto a = check::random<vector>(1, -1, 1), b = check::random<vector>(2, 0.5, 2);
}

TEST_CASE("xtensor's functions of recorded tensors are xgrad's", "[op]")
{
    auto one = xg::compile<vector, vector>(theirs);
    auto other = xg::compile<vector, vector>(ours);
    CHECK(one(a, b)() == other(a, b)());

    xg::tape tape;
    const auto x = tape.variable<vector>(a);
    const auto y = tape.variable<vector>(b), z = tape.variable<vector>(b);
    backward(theirs(x, y));
    backward(ours(x, z));
    CHECK(check::distance(tape.gradient(y), tape.gradient(z)) == 0);
    CHECK(xt::sum(tape.gradient(y))() != 0); // xtensor's functions of its own containers are still there
    CHECK(xt::sum(xt::tanh(x.value()))() == Approx(xt::sum(xt::tanh(x)).value()));
}
