// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/xtensor.hpp>
#include <xtensor/xmath.hpp>

// What is refused, and with which words: tests/refuse/xtensor_*.cpp.
TEST_CASE("xtensor's functions of its own tensors are not refused", "[op]")
{
    const xt::xtensor<float, 2> x{{0.5f, 1.5f}, {2, 3}};
    xg::tape tape;
    const auto h = tape.input<float, 2, 2>(x);
    CHECK(xt::sum(xt::sin(h.value()))() == Approx(std::sin(0.5f) + std::sin(1.5f) + std::sin(2.f) + std::sin(3.f)));
    CHECK(xt::prod(x)() == Approx(4.5f));
    CHECK(xt::floor(h.value())(0, 1) == 1);
    CHECK(xt::sum(x, {1})(1) == 5);
    CHECK(xt::mean(x, 0)(1) == Approx(2.25f));
    CHECK(xt::broadcast(x, {3, 2, 2})(2, 1, 0) == 2);
}
