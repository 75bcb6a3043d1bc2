// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::backward\(loss\): the loss must be a scalar; take the mean\(...\) or sum\(...\) of it
// Four numbers have no one gradient.
#include <xgrad/xgrad.hpp>

void train(xg::tape& tape)
{
    const auto x = tape.variable<float, 4>(std::array{1.f, 2.f, 3.f, 4.f});
#ifdef XGRAD_TWIN
    backward(sum(x * x));
#else
    backward(x * x);
#endif
}
