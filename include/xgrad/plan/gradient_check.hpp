// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/add.hpp>
#include <xgrad/op/multiply.hpp>
#include <xgrad/op/sum.hpp>
#include <xgrad/plan/tape.hpp>

#include <tuple>

namespace xgrad::inline XGRAD_ABI
{
    /// Compares the gradients of a function, in all its inputs of double, with central differences at the given point, and
    /// returns the largest difference |gradient - difference| / max(1, |difference|): below 1e-6 is right. A NaN is returned as
    /// infinity. `gradient_check<input<double, 3, 4>>(f, x)`; the function is called as it is in models.
    template <input_type... Inputs, class Function, class... X>
    double gradient_check(Function&& f, const X&... x)
    {
        static_assert(sizeof...(X) == sizeof...(Inputs),
                      "xgrad::gradient_check: hand in as many tensors as inputs were declared");
        // a sum in which no gradient of y is constant or zero
        const auto probe = [&f](const auto&... variables)
        {
            const auto y = in_memory(f(variables...));
            return named(sum(y * (0.3 + 0.5 * y)));
        };
        auto point = std::make_tuple(
            xt::xtensor<typename Inputs::value_type, static_cast<std::size_t>(Inputs::shape_type::value.rank)>(x)...);
        tape list;
        const auto variables =
            std::apply([&](const auto&... each) { return std::make_tuple(list.variable<Inputs>(each)...); }, point);
        backward(std::apply(probe, variables));
        const auto value = [&]
        {
            const auto quiet = list.without_gradients();
            return static_cast<double>(
                std::apply([&](const auto&... each) { return probe(list.input<Inputs>(each)...).value(); }, point));
        };
        double worst = 0;
        const auto compare = [&](auto& numbers, const auto& slope)
        {
            if constexpr (std::is_same_v<typename std::remove_cvref_t<decltype(numbers)>::value_type, double>)
                for (std::size_t i = 0; i < numbers.size(); ++i)
                {
                    const double before = numbers.data()[i], step = 1e-5;
                    numbers.data()[i] = before + step;
                    const double above = value();
                    numbers.data()[i] = before - step;
                    const double difference = (above - value()) / (2 * step);
                    numbers.data()[i] = before;
                    const double error = std::abs(slope.data()[i] - difference) / std::max(1.0, std::abs(difference));
                    worst = error >= 0 ? std::max(worst, error) : std::numeric_limits<double>::infinity();
                }
        };
        [&]<std::size_t... I>(std::index_sequence<I...>)
        { (compare(std::get<I>(point), list.gradient(std::get<I>(variables))), ...); }(std::index_sequence_for<Inputs...>{});
        return worst;
    }
}
