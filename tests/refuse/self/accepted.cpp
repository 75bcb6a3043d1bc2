// SPDX-License-Identifier: BSD-3-Clause
// expect: never said
// A mistake that compiles.
int main() {}
