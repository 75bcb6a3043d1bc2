// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <reference/reference.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <random>
#include <tuple>

/// What every operation's test does: values and gradients against PyTorch, gradients against central differences in
/// double, second derivatives likewise. Functions are lambdas without captures; `Input` are xg::input or xg::batch types.
namespace check
{
    /// The largest |a - b| / max(1, |b|) over two equally long ranges.
    inline double distance(const auto& a, const auto& b)
    {
        REQUIRE(static_cast<std::size_t>(a.size()) == static_cast<std::size_t>(b.size()));
        double worst = 0;
        auto at = b.begin();
        for (const auto value : a)
        {
            const double expected = static_cast<double>(*at++), found = static_cast<double>(value);
            const bool both_nan = std::isnan(expected) && std::isnan(found);
            if (both_nan || expected == found)
                continue;
            const double error = std::abs(found - expected) / std::max(1.0, std::abs(expected));
            worst = std::isnan(error) ? INFINITY : std::max(worst, error);
        }
        return worst;
    }

    /// An xtensor for an input: random numbers in [low, high), of `rows` rows if it is a batch.
    template <class Input>
    auto random(unsigned seed, double low, double high, int rows = -1)
    {
        constexpr xg::shape form = Input::shape_type::value;
        std::array<std::size_t, static_cast<std::size_t>(form.rank)> sizes{};
        for (int axis = 0; axis < form.rank; ++axis)
            sizes[static_cast<std::size_t>(axis)] = static_cast<std::size_t>(form.extent[axis]);
        if constexpr (form.bounded)
            if (rows >= 0)
                sizes[0] = static_cast<std::size_t>(rows);
        using type = typename Input::value_type;
        xt::xtensor<type, static_cast<std::size_t>(form.rank)> result(sizes);
        std::mt19937 generator(seed);
        std::uniform_real_distribution<double> uniform(low, high);
        for (auto& value : result)
            value = static_cast<type>(uniform(generator));
        return result;
    }

    /// An xtensor for an input, filled with a reference entry.
    template <class Input>
    auto from_reference(const reference& torch, const std::string& entry)
    {
        auto result = random<Input>(0, 0, 1);
        const auto& values = torch(entry).values;
        REQUIRE(values.size() == static_cast<std::size_t>(result.size()));
        for (std::size_t i = 0; i < values.size(); ++i)
            result.data()[i] = static_cast<typename Input::value_type>(values[i]);
        return result;
    }

    /// sum(f(x...) * w), w being the last input.
    template <class F>
    struct weighted
    {
        static constexpr int derivatives = 1;

        template <std::size_t... I>
        static constexpr auto with(std::index_sequence<I...>, auto inputs)
        {
            auto y = xg::named(F{}(std::get<I>(inputs)...));
            auto total = sum(y * std::get<sizeof...(I)>(inputs));
            return std::tuple_cat(std::make_tuple(y), std::make_tuple(gradient_if(total, std::get<I>(inputs))...));
        }
        static constexpr auto gradient_if(auto total, auto x)
        {
            if constexpr (std::is_floating_point_v<typename decltype(x)::value_type>)
                return gradient(total, x);
            else
                return x;
        }
        constexpr auto operator()(auto... inputs) const
        {
            return with(std::make_index_sequence<sizeof...(inputs) - 1>{}, std::make_tuple(inputs...));
        }
    };

    /// Compares value and gradients of f with PyTorch's case: entries a, b, c (or the given names), w, y, da, db, dc.
    template <class W, class... Inputs, class F>
    void against_torch(F, const char* family, const std::string& name, double tolerance,
                       std::vector<std::string> inputs = {"a", "b", "c"})
    {
        INFO(family << ": " << name);
        const reference torch{family};
        auto program = xg::compile<Inputs..., W>(weighted<F>{});
        const auto run = [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            const auto result = program(from_reference<Inputs>(torch, name + "/" + inputs[I])...,
                                        from_reference<W>(torch, name + "/w"));
            CHECK(distance(std::get<0>(result), torch(name + "/y").values) <= tolerance);
            const auto each = [&](auto index)
            {
                const std::string entry = name + "/d" + inputs[index.value];
                if (torch.has(entry))
                {
                    INFO(entry);
                    CHECK(distance(std::get<index.value + 1>(result), torch(entry).values) <= 10 * tolerance);
                }
            };
            (each(std::integral_constant<std::size_t, I>{}), ...);
        };
        run(std::index_sequence_for<Inputs...>{});
    }

    /// Value and gradients (of a scalar function of f) for differences: t = sum(y (0.3 + y / 2)).
    template <class F>
    struct probe
    {
        static constexpr int derivatives = 1;
        constexpr auto operator()(auto... x) const
        {
            auto y = xg::named(F{}(x...));
            auto total = xg::named(sum(y * (0.3 + 0.5 * y)));
            return std::make_tuple(total, weighted<F>::gradient_if(total, x)...);
        }
    };

    /// The same for t = sum of squares of the first gradient of sum(y (0.3 + y / 2)).
    template <class F>
    struct second_probe
    {
        static constexpr int derivatives = 2;
        constexpr auto operator()(auto first, auto... x) const
        {
            auto y = xg::named(F{}(first, x...));
            auto inner = xg::named(sum(y * (0.3 + 0.5 * y)));
            auto g = gradient(inner, first);
            auto total = xg::named(sum(g * (0.2 + 0.5 * g)));
            return std::make_tuple(total, weighted<F>::gradient_if(total, first), weighted<F>::gradient_if(total, x)...);
        }
    };

    /// Compares the gradients that a probe program returns with central differences of its value.
    template <class Program, class... X>
    void differences(Program& program, double tolerance, X... x)
    {
        const auto gradients = std::apply(
            [](const auto&, const auto&... g)
            { return std::make_tuple(xt::xtensor<double, std::remove_cvref_t<decltype(g)>::rank>(g)...); },
            program(x...));
        const auto value = [&] { return static_cast<double>(std::get<0>(program(x...))()); };
        const auto one = [&](auto& input, const auto& gradient)
        {
            if constexpr (std::is_floating_point_v<typename std::remove_cvref_t<decltype(input)>::value_type>)
                for (std::size_t i = 0; i < input.size(); ++i)
                {
                    const double before = input.data()[i], step = 1e-5;
                    input.data()[i] = before + step;
                    const double above = value();
                    input.data()[i] = before - step;
                    const double below = value();
                    input.data()[i] = before;
                    const double expected = (above - below) / (2 * step);
                    INFO("element " << i);
                    CHECK(gradient.data()[i] == Approx(expected).epsilon(tolerance).margin(tolerance));
                }
        };
        [&]<std::size_t... I>(std::index_sequence<I...>) { (one(x, std::get<I>(gradients)), ...); }(
            std::index_sequence_for<X...>{});
    }

    /// Gradients of f against central differences, f given double inputs at the given points.
    template <class... Inputs, class F, class... X>
    void gradients(F, const X&... x)
    {
        auto program = xg::compile<Inputs...>(probe<F>{});
        differences(program, 1e-6, x...);
    }

    /// Second derivatives of f against central differences of its first.
    template <class... Inputs, class F, class... X>
    void second_gradients(F, const X&... x)
    {
        auto program = xg::compile<Inputs...>(second_probe<F>{});
        differences(program, 1e-5, x...);
    }
}
