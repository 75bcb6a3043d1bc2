// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::compiled: memory is planned for a largest batch; hand in batch<Bound, ...>
// A compiled statement has its memory planned, so its batches have a bound.
#include <xgrad/xgrad.hpp>

inline void square_all(xg::tape& tape)
{
#ifdef XGRAD_TWIN
    using rows = xg::batch<64, float, 3>;
#else
    using rows = xg::batch<xg::any_rows, float, 3>;
#endif
    const xt::xtensor<float, 2> some = xt::ones<float>({5, 3});
    const auto x = tape.input<rows>(some);
    [[maybe_unused]] const auto y = xg::compiled([](auto a) { return sum(a * a); })(x);
}
