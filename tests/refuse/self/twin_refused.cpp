// SPDX-License-Identifier: BSD-3-Clause
// expect: something went wrong
// Twin and mistake are refused alike.
static_assert(false, "something went wrong");
