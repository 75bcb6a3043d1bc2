// SPDX-License-Identifier: BSD-3-Clause
// expect: an expression without a name cannot take another value; name the first one: auto h = named\(...\)
// An expression's structure is its type, so that a loop cannot go on with it.
#include <xgrad/xgrad.hpp>

struct model
{
    std::array<xg::linear<8, 8>, 3> layers;
    constexpr auto operator()(auto x) const
    {
#ifdef XGRAD_TWIN
        auto h = named(relu(x));
#else
        auto h = relu(x);
#endif
        for (const auto& layer : layers)
            h = relu(layer(h));
        return h;
    }
};
auto net = xg::network<model>();
auto predict = xg::prediction<xg::batch<64, float, 8>>(net);
