// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

int main() {}
