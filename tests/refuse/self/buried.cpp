// SPDX-License-Identifier: BSD-3-Clause
// expect: the last error
// The right words, too late to be read.
#ifndef XGRAD_TWIN
template <int I>
struct noise
{
    static_assert(I < 0, "noise");
};
template struct noise<0>;
template struct noise<1>;
template struct noise<2>;
template struct noise<3>;
template struct noise<4>;
template struct noise<5>;
template struct noise<6>;
template struct noise<7>;
template struct noise<8>;
template struct noise<9>;
static_assert(false, "the last error");
#endif
