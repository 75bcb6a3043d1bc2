// SPDX-License-Identifier: BSD-3-Clause
#include "check.hpp"

#include <xgrad/op/xtensor.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>

namespace
{
    constexpr auto theirs = [](auto a, auto b)
    {
        auto total = xg::named(xt::sum(a, xt::xshape<1, 2>()) * 1.); // [2]
        for (int i = 0; i < 2; ++i)
            total = total + xt::sum(xt::tanh(xt::view(a, i, xt::all(), 2)) * xt::view(b, i)) * xt::view(total, i);
        const auto means = xt::mean(a, xt::xshape<2>(), xt::keep_dims);                   // [2, 3, 1]
        const auto largest = xt::amax(a, xt::xshape<0>()) - xt::amin(a, xt::xshape<0>()); // [3, 4]
        const auto columns = xt::view(b, xt::all(), xt::newaxis(), xt::all());            // [2, 1, 3]
        const auto last = xt::view(a, xt::ellipsis(), 3);                                 // [2, 3]
        const auto chosen = xt::where(xt::greater(last, xt::row(b, 1)), last,
                                      xt::broadcast(xt::row(b, 0) * 0., xt::xshape<2, 3>()) + 1.5 * xt::sum(b));
        return xt::sum(total) + xt::sum(means * largest) + xt::sum(xt::transpose(largest * largest) * xt::row(b, 0)) +
               xt::sum(xt::square(columns)) + xt::sum(chosen) + xt::sum(xt::exp(xt::col(b, 1)));
    };
    constexpr auto ours = [](auto a, auto b)
    {
        auto total = xg::named(sum<1, 2>(a) * 1.);
        for (int i = 0; i < 2; ++i)
        {
            const auto part = xg::named(xg::select<1>(xg::named(xg::select<0>(a, i)), 2));
            total = total + sum(tanh(part) * xg::named(xg::select(b, i))) * xg::named(xg::select(total, i));
        }
        const auto means = mean<2>(a, xg::keep_axes);
        const auto largest = max<0>(a) - min<0>(a);
        const auto last = xg::named(xg::select<2>(a, 3));
        const auto chosen = where(last > xg::named(xg::select(b, 1)), last, 1.5 * sum(b));
        return sum(total) + sum(means * largest) + sum(transpose(largest * largest) * xg::named(xg::select(b, 0))) +
               sum(square(b)) + sum(chosen) + sum(exp(xg::named(xg::select<1>(b, 1))));
    };
    using a_type = xg::input<double, 2, 3, 4>;
    using b_type = xg::input<double, 2, 3>;
    const auto a = check::random<a_type>(1, -1, 1);
    const auto b = check::random<b_type>(2, 0.5, 2);
}

TEST_CASE("views and reductions along axes by xtensor's names are xgrad's", "[op]")
{
    xg::tape tape;
    const auto on = [&](auto f)
    {
        const auto x = tape.variable<a_type>(a);
        const auto y = tape.variable<b_type>(b);
        const auto loss = xg::named(f(x, y));
        backward(loss);
        return std::make_tuple(loss.value(), tape.gradient(x), tape.gradient(y));
    };
    const auto [loss, da, db] = on(theirs);
    const auto [same_loss, same_da, same_db] = on(ours);
    CHECK(loss == Approx(same_loss));
    CHECK(check::distance(da, same_da) < 1e-12);
    CHECK(check::distance(db, same_db) < 1e-12);
    // xt::all() is no constant expression in xtensor 0.24
    auto program =
        xg::compile<b_type>([](auto x) { return xt::sum(xt::view(x, 1) * xt::row(x, 0)) + xt::amin(xt::transpose(x)); });
    CHECK(program(b)() == Approx(b(0, 0) * b(1, 0) + b(0, 1) * b(1, 1) + b(0, 2) * b(1, 2) + xt::amin(b)()));
    CHECK((xg::gradient_check<a_type, b_type>(theirs, a, b)) < 1e-7);
    CHECK(xt::view(a, 1, 2, 3)() == a(1, 2, 3)); // xtensor's own are still there
    CHECK(xt::sum(a, {0, 1, 2})() == Approx(xt::sum(tape.input<a_type>(a)).value()));
}
