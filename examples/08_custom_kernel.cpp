// SPDX-License-Identifier: BSD-3-Clause
// An operation with a loop nest of its own: running sums along the last axis. Its gradient sums from the end.
#include <xgrad/xgrad.hpp>

#include <iostream>

namespace mine
{
    // [kernel]
    /// Attribute 0: 1 sums from the end.
    struct running_sum_kernel
    {
        template <class Element>
        using value_type = Element; // of the result, from the operands'
        static constexpr auto name = "running_sum";

        template <class Out, class Operand>
        static constexpr void forward(const xg::kernel::call& call, auto&& done)
        {
            const Out* x = call.in[0].data.template as<Out>();
            Out* y = call.out.data.template as<Out>();
            const std::ptrdiff_t columns = call.out.extents.columns(), size = call.out.extents.size();
            for (std::ptrdiff_t row = 0; row < size; row += columns)
            {
                Out sum = 0;
                const std::ptrdiff_t step = call.with.value[0] ? -1 : 1;
                for (std::ptrdiff_t k = 0, at = row + (step < 0 ? columns - 1 : 0); k < columns; ++k, at += step)
                    y[at] = sum += x[at];
                done(row, row + columns); // these elements are final: what is fused around the kernel runs on them now
            }
        }
        template <class Operand>
        static constexpr std::int64_t flops(const xg::signature& s) { return s.in(0).size(); }
        template <int>
        static constexpr unsigned needs = xg::needs::nothing;
        template <int>
        static constexpr auto gradient(const xg::kernel::attributes& with, auto g, auto, auto x)
        {
            return xg::make_core<running_sum_kernel>(xg::dynamic{x.shape()}, {{1 - with.value[0], 0}}, g);
        }
    };
    // [kernel end]
    // [function]
    /// y_i = x_0 + ... + x_i along the last axis. Derivative: the same sum from the end.
    constexpr auto running_sum(xg::tensor auto&& x)
    {
        using form = xg::shape_of_operand<decltype(x)>;
        static_assert(form::value.rank > 0, "running_sum(x): x must have at least one axis");
        return xg::make_core<running_sum_kernel>(form{}, {}, xg::in_memory(std::forward<decltype(x)>(x)));
    }
    // [function end]
}

// [use]
constexpr auto f = [](auto x) { return tanh(mine::running_sum(x * x)); }; // tanh moves into the kernel's statement
constexpr auto slope = xg::with_derivatives<1>([](auto x) { return gradient(sum(f(x)), x); });
// [use end]

int main()
{
    using row = xg::input<double, 5>;
    auto value = xg::compile<row>(f);
    auto derivative = xg::compile<row>(slope);
    std::cout << xg::to_text(value) << xg::to_text(derivative);

    xt::xtensor<double, 1> x{0.1, -0.2, 0.3, 0.4, -0.5};
    const xt::xtensor<double, 1> g = derivative(x);
    double worst = 0, h = 1e-6;
    for (std::size_t i = 0; i < x.size(); ++i)
    {
        const double before = std::exchange(x(i), x(i) + h), above = xt::sum(value(x))();
        x(i) = before - h;
        worst = std::max(worst, std::abs(g(i) - (above - xt::sum(value(x))()) / (2 * h)));
        x(i) = before;
    }
    std::cout << "largest difference to central differences: " << worst << "\n";
    return worst < 1e-8 ? 0 : 1;
}
