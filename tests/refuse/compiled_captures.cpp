// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::compiled\(f\): f must be a model, or a function object without state
// The compiler runs what is compiled, so it holds nothing that only the program knows.
#include <xgrad/xgrad.hpp>

inline void scaled(xg::tape& tape, [[maybe_unused]] float factor)
{
#ifdef XGRAD_TWIN
    const auto f = [](auto a) { return 2 * a; };
#else
    const auto f = [factor](auto a) { return factor * a; };
#endif
    const auto x = tape.input<float, 1>(std::array{1.f});
    [[maybe_unused]] const auto y = xg::compiled(f);
}
