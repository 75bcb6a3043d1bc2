// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

int other_unit();

int main()
{
    return other_unit();
}
