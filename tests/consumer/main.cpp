// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

#include <iostream>

int main()
{
    auto slope = xg::compile<xg::input<float, 3>>(xg::with_derivatives<1>([](auto x) { return gradient(sum(x * x), x); }));
    const auto result = slope(std::array<float, 3>{1, 2, 3});
    std::cout << result(0) << " " << result(1) << " " << result(2) << "\n";
    return result(2) == 6 ? 0 : 1;
}
