// SPDX-License-Identifier: BSD-3-Clause
// A mistake that expects nothing.
#ifndef XGRAD_TWIN
static_assert(false, "something went wrong");
#endif
