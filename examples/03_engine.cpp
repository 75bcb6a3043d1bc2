// SPDX-License-Identifier: BSD-3-Clause
// The core of xgrad on numbers instead of tensors, in three short headers; docs/how-it-works.md goes through them.
#include "engine/plan.hpp"

#include <iostream>

// [use]
constexpr auto model = [](auto x, auto w, auto b)
{
    auto h = w * x + b;     // h is a name: one statement, the product moved into the sum
    return named(h * h + h); // and one more
};
constexpr auto value = [](auto... inputs) { return std::array{model(inputs...).ids[0]}; };
constexpr auto slopes = [](auto x, auto w, auto b)
{
    auto [dw, db] = gradient(model(x, w, b), w, b);
    auto [ddw] = gradient(dw, w);
    return std::array{dw.ids[0], db.ids[0], ddw.ids[0]};
};
constexpr auto forward_pass = compile<0, 3>(value), derivatives = compile<2, 3>(slopes);
static_assert(forward_pass.statements == 2 && run(forward_pass, {2, 3, 1})[0] == 56);    // h = 7, y = h h + h
static_assert(run(derivatives, {2, 3, 1}) == std::array<double, 3>{30, 15, 8}); // (2 h + 1) x, 2 h + 1, 2 x x
// [use end]

int main()
{
    const auto [dw, db, ddw] = run(derivatives, {2, 3, 1});
    std::cout << derivatives.statements << " statements in " << derivatives.places << " places\n"
              << "from w = 3, where the slope is " << dw << ", Newton's step leads to w = " << 3 - dw / ddw
              << ", where it is " << run(derivatives, {2, 3 - dw / ddw, 1})[0] << "\n";
}
