// SPDX-License-Identifier: BSD-3-Clause
// expect: linear<784, 256> takes 784 features
// Refused, but not with these words.
#ifndef XGRAD_TWIN
static_assert(false, "something went wrong");
#endif
