// SPDX-License-Identifier: BSD-3-Clause
// expect: xt::view\(x, ...\) of a recorded tensor takes xt::all\(\), xt::newaxis\(\), xt::ellipsis\(\) and whole numbers
// The length of a range is a value, and shapes are types.
#include <xgrad/xgrad.hpp>
#include <xgrad/op/xtensor.hpp>
#include <xtensor/xview.hpp>

inline void part(xg::tape& tape)
{
    const auto x = tape.zeros<float, 4, 3>();
#ifdef XGRAD_TWIN
    const auto y = xg::named(xg::slice<0, 1, 3>(x));
#else
    const auto y = xt::view(x, xt::range(1, 3));
#endif
}
