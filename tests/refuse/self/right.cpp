// SPDX-License-Identifier: BSD-3-Clause
// expect: required \[784\], got .1024.
// expect-gcc: static assertion failed
// expect-clang: static assertion failed
// A mistake that is refused as it says, and a twin that compiles.
#ifndef XGRAD_TWIN
static_assert(false, "required [784], got [1024]; flatten the image");
#endif
