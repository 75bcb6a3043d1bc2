// SPDX-License-Identifier: BSD-3-Clause
// expect: xgrad::gather\(table, index\): the index must be integers
// Tokens are whole numbers.
#include <xgrad/xgrad.hpp>

#ifdef XGRAD_TWIN
using token = std::int32_t;
#else
using token = float;
#endif

struct model
{
    xg::embedding<96, 8> letter;
    xg::linear<8, 96> next;

    constexpr auto operator()(auto text) const { return next(letter(text)); }
};

auto net = xg::network<model>(1);
auto predict = xg::prediction<xg::input<token, 4>>(net);
