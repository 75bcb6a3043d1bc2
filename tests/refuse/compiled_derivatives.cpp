// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::backward\(loss\): the loss cannot be differentiated \(once more\)
// What is made of a compiled statement can be differentiated once, on any tape.
#include <xgrad/xgrad.hpp>

inline void penalty(xg::basic_tape<2>& tape)
{
    constexpr auto f = [](auto a) { return tanh(a); };
    const auto x = tape.variable<float, 3>(std::array{1.f, 2.f, 3.f});
#ifdef XGRAD_TWIN
    const auto y = f(x);
#else
    const auto y = xg::compiled(f)(x);
#endif
    backward(sum(square(gradient(sum(y), x))));
}
