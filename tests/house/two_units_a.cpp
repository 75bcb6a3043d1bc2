// SPDX-License-Identifier: BSD-3-Clause
// Two translation units that use the same parts of the library, alike or with different instruction sets, link, and each
// runs its own code.
#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>

float other_unit(std::string& instruction_set);

namespace
{
    struct model
    {
        xg::linear<7, 33> hidden;
        xg::linear<33, 1> output;
        constexpr auto operator()(auto x) const { return output(tanh(hidden(x))); }
    };
}

int main()
{
    auto net = xg::network<model>(1);
    auto predict = xg::prediction<xg::input<float, 1, 7>>(net);
    const float here = predict(xt::xtensor<float, 2>(xt::ones<float>({1, 7})))(0, 0);
    std::string instruction_set;
    const float there = other_unit(instruction_set);
    std::printf("here %s %g, there %s %g\n", xsimd::default_arch::name(), here, instruction_set.c_str(), there);
#if defined(XGRAD_UNITS_DIFFER)
    if (instruction_set == xsimd::default_arch::name())
        return 2; // the linker has mixed the two
#endif
    return std::abs(here - there) < 1e-5f && here != 0 ? 0 : 1;
}
