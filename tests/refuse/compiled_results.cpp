// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::compiled: all results of one call must have one element type
// The results of a compiled statement stand in one block.
#include <xgrad/xgrad.hpp>

inline void largest(xg::tape& tape)
{
    const auto x = tape.input<float, 3>(std::array{1.f, 3.f, 2.f});
#ifdef XGRAD_TWIN
    constexpr auto f = [](auto a) { return std::make_tuple(max(a), xg::cast<float>(argmax(a))); };
#else
    constexpr auto f = [](auto a) { return std::make_tuple(max(a), argmax(a)); };
#endif
    [[maybe_unused]] const auto y = xg::compiled(f)(x);
}
