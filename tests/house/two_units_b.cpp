// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/xgrad.hpp>

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

float other_unit(std::string& instruction_set)
{
    auto net = xg::network<model>(1);
    auto predict = xg::prediction<xg::input<float, 1, 7>>(net);
    instruction_set = xsimd::default_arch::name();
    return predict(xt::xtensor<float, 2>(xt::ones<float>({1, 7})))(0, 0);
}
