// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <reference/reference.hpp>
#include <xgrad/xgrad.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <tuple>

/// What every operation's test does, compiled and on a tape: values and gradients against PyTorch, gradients against central
/// differences in double, second derivatives likewise. Functions are lambdas without captures; `Input` are xg::input or xg::batch types.
namespace check
{
    /// What a tensor or another range holds.
    std::vector<double> numbers(const auto& from)
    {
        std::vector<double> result(static_cast<std::size_t>(from.size()));
        auto to = result.begin();
        for (const auto value : from)
            *to++ = static_cast<double>(value);
        return result;
    }

    /// The largest |a - b| / max(1, |b|) over two equally long ranges.
    double distance(const auto& a, const auto& b) { return largest_distance(numbers(a), numbers(b)); }

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

    // For one element type, and not under the sanitizers: on a tape every test takes the compiler seconds more.
#ifdef XGRAD_TEST_TAPES
    inline constexpr bool with_tapes = true;
#else
    inline constexpr bool with_tapes = false;
#endif

    /// A function of inputs that returns tensors, run on a tape: their values, a scalar as a tensor of one element.
    template <class Function, class... Inputs, class... X>
    auto on_a_tape(const X&... x)
    {
        xg::basic_tape<Function::derivatives> tape;
        const auto result = Function{}(tape.template input<Inputs>(x)...);
        return std::apply(
            [](const auto&... each)
            {
                const auto value = [](const auto& y)
                {
                    using type = std::remove_cvref_t<decltype(y)>;
                    using array =
                        xt::xtensor<typename type::value_type, static_cast<std::size_t>(type::shape_type::value.rank)>;
                    if constexpr (type::shape_type::value.rank == 0)
                        return xt::xtensor<typename type::value_type, 1>{y.value()};
                    else
                        return array(y.value());
                };
                return std::make_tuple(value(each)...);
            },
            result);
    }

    /// Compares value and gradients of f with PyTorch's case: entries a, b, c (or the given names), w, y, da, db, dc.
    template <class W, class... Inputs, class F>
    void against_torch(F, const char* family, const std::string& name, double tolerance,
                       std::initializer_list<const char*> inputs = {"a", "b", "c"})
    {
        const reference torch{family};
        auto program = xg::compile<Inputs..., W>(weighted<F>{});
        const auto run = [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            const auto x = std::make_tuple(from_reference<Inputs>(torch, name + "/" + inputs.begin()[I])...);
            const auto w = from_reference<W>(torch, name + "/w");
            const auto agrees = [&](const char* mode, const auto& result)
            {
                torch.check(mode, name + "/y", numbers(std::get<0>(result)), tolerance);
                (torch.check_if_there(mode, name + "/d" + inputs.begin()[I], numbers(std::get<I + 1>(result)), 10 * tolerance),
                 ...);
            };
            agrees("compiled", program(std::get<I>(x)..., w));
            if constexpr (with_tapes && std::is_same_v<typename W::value_type, double>)
                agrees("on a tape", on_a_tape<weighted<F>, Inputs..., W>(std::get<I>(x)..., w));
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

    /// Compares the gradients that a probe returns with central differences of its value, and with those on a tape.
    template <class Probe, class... Inputs, class... X>
    void differences(double tolerance, X... x)
    {
        auto program = xg::compile<Inputs...>(Probe{});
        const auto gradients = std::apply(
            [](const auto&, const auto&... g)
            { return std::make_tuple(xt::xtensor<double, std::remove_cvref_t<decltype(g)>::rank>(g)...); }, program(x...));
        if constexpr (with_tapes && Probe::derivatives > 1)
        {
            INFO("on a tape");
            const auto found = on_a_tape<Probe, Inputs...>(x...);
            [&]<std::size_t... I>(std::index_sequence<I...>)
            {
                CHECK(std::max({distance(std::get<I + 1>(found), std::get<I>(gradients))...}) <= 1e-12);
            }(std::index_sequence_for<X...>{});
        }
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
        [&]<std::size_t... I>(std::index_sequence<I...>)
        { (one(x, std::get<I>(gradients)), ...); }(std::index_sequence_for<X...>{});
    }

    /// Gradients of f against central differences, f given double inputs at the given points.
    template <class... Inputs, class F, class... X>
    void gradients(F, const X&... x)
    {
        differences<probe<F>, Inputs...>(1e-6, x...);
    }

    /// Second derivatives of f against central differences of its first.
    template <class... Inputs, class F, class... X>
    void second_gradients(F, const X&... x)
    {
        differences<second_probe<F>, Inputs...>(1e-5, x...);
    }

    inline constexpr double infinity = std::numeric_limits<double>::infinity();
    inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

    template <class F, class... Inputs>
    using builder = xg::function_builder<F, void, Inputs...>;

    /// The node that f of these inputs returns: its value_type and shape_type.
    template <class F, class... Inputs>
    using result_of = std::tuple_element_t<0, xg::results_of<builder<F, Inputs...>>>;

    /// Number of statements of f of these inputs.
    template <class... Inputs, class F>
    consteval int statements(F)
    {
        return xg::graph_of<builder<F, Inputs...>>.view().statements();
    }

    /// f of an array, one statement after the other in the program.
    template <class F, class T, std::size_t Count>
    auto values(F f, const std::array<T, Count>& x)
    {
        auto program = xg::compile<xg::input<T, Count>>(f);
        const auto y = program(x);
        std::array<std::remove_cvref_t<decltype(y(0))>, Count> result;
        std::copy(y.begin(), y.end(), result.begin());
        return result;
    }

    /// f of an array, computed by the compiler.
    template <class F, class T, std::size_t Count>
    constexpr auto constant(F, const std::array<T, Count>& x)
    {
        return xg::evaluate_graph<builder<F, xg::input<T, Count>>>(std::array<T, 0>{}, x);
    }

    /// Whether all |a[i] - b[i]| <= tolerance * max(1, |b[i]|), in a constant expression.
    constexpr bool near(const auto& a, const auto& b, double tolerance)
    {
        bool all = a.size() == b.size();
        for (std::size_t i = 0; all && i < a.size(); ++i)
        {
            const double difference = a[i] < b[i] ? b[i] - a[i] : a[i] - b[i], size = b[i] < 0 ? -b[i] : b[i];
            all = difference <= tolerance * (size > 1 ? size : 1);
        }
        return all;
    }

    template <class F>
    struct each
    {
        constexpr auto operator()(auto... x) const { return std::make_tuple(F{}(x)...); }
    };

    /// An elementwise value does not depend on where in a tensor it stands: to the bit, it is that of the element alone.
    template <class T, class F>
    void same_everywhere(F f, double low, double high)
    {
        using one = xg::input<T, 1>;
        auto alone = xg::compile<one>(f);
        auto program = xg::compile<xg::input<T, 37>, xg::input<T, 5, 7>, xg::input<T, 3, 1, 7>, one>(each<F>{});
        const auto x = std::make_tuple(random<xg::input<T, 37>>(1, low, high), random<xg::input<T, 5, 7>>(2, low, high),
                                       random<xg::input<T, 3, 1, 7>>(3, low, high), random<one>(4, low, high));
        const auto y = std::apply([&](const auto&... each) { return program(each...); }, x);
        const auto compare = [&](const auto& in, const auto& out)
        {
            REQUIRE(in.size() == out.size());
            for (std::size_t i = 0; i < in.size(); ++i)
            {
                const auto expected = alone(std::array<T, 1>{in.data()[i]})(0), found = out.data()[i];
                INFO("element " << i << " of " << in.size() << ": " << in.data()[i]);
                CHECK(std::memcmp(&expected, &found, sizeof found) == 0);
            }
        };
        [&]<std::size_t... I>(std::index_sequence<I...>)
        { (compare(std::get<I>(x), std::get<I>(y)), ...); }(std::make_index_sequence<4>{});
    }

    /// Value and gradient of f for a batch.
    template <class F>
    struct value_and_gradient
    {
        static constexpr int derivatives = 1;
        constexpr auto operator()(auto x, auto... labels) const
        {
            auto y = xg::named(F{}(x, labels...));
            return std::make_tuple(y, gradient(sum(y * (0.3 + 0.5 * y)), x));
        }
    };

    /// A program for a batch of at most 8 gives, for 1, 3 and 8 rows, what programs for exactly so many give. Inputs are
    /// of exactly these rows, so that a sanitizer sees what reads past them.
    template <class T, std::ptrdiff_t... Item, class F>
    void batches(F, double tolerance = 1e-15)
    {
        using batch = xg::batch<8, T, Item...>;
        auto program = xg::compile<batch>(value_and_gradient<F>{});
        const auto with = [&]<std::ptrdiff_t Rows>(std::integral_constant<std::ptrdiff_t, Rows>)
        {
            INFO(Rows << " rows");
            auto exact = xg::compile<xg::input<T, Rows, Item...>>(value_and_gradient<F>{});
            const auto x = random<batch>(static_cast<unsigned>(Rows), -2, 2, static_cast<int>(Rows));
            const auto [y, g] = program(x);
            const auto [exact_y, exact_g] = exact(x);
            CHECK(distance(y, exact_y) <= tolerance);
            CHECK(distance(g, exact_g) <= tolerance);
        };
        with(std::integral_constant<std::ptrdiff_t, 8>{}); // leaves full buffers behind
        with(std::integral_constant<std::ptrdiff_t, 1>{});
        with(std::integral_constant<std::ptrdiff_t, 3>{});
    }
}
