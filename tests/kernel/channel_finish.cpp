// SPDX-License-Identifier: BSD-3-Clause
#include "../op/check.hpp"

#include <xgrad/op/clamp.hpp>
#include <xgrad/op/convolution.hpp>
#include <xgrad/op/relu.hpp>

namespace
{
    using xg::conv_options;

    // what batch norms, residual connections and activations make of a convolution, and one order that nobody finishes
    constexpr auto forms = [](auto conv, auto scale, auto shift, auto residual)
    {
        return std::make_tuple(clamp(conv() * scale + shift, -0.5, 0.75), clamp(residual + conv(), 0, 6),
                               relu(shift + scale * conv()), relu(conv() * scale + shift + residual), conv() + shift,
                               relu(conv() * scale), relu(conv() + residual + shift), conv() * scale + residual);
    };
    template <conv_options Options>
    struct convolved
    {
        static constexpr auto fused = [](auto x, auto w, auto scale, auto shift, auto residual)
        { return forms([&] { return xg::convolution<Options>(x, w); }, scale, shift, residual); };
        static constexpr auto apart = [](auto x, auto w, auto scale, auto shift, auto residual)
        {
            const auto y = named(xg::convolution<Options>(x, w));
            return forms([&] { return y; }, scale, shift, residual);
        };
    };

    template <class T, std::ptrdiff_t Channels, class Shape>
    struct per_channel;
    template <class T, std::ptrdiff_t Channels, std::ptrdiff_t... Inner>
    struct per_channel<T, Channels, xg::extents<Inner...>>
    {
        using type = xg::input<T, Channels, (Inner * 0 + 1)...>;
    };

    template <class A, class B>
    bool equal(const A& a, const B& b)
    {
        bool same = true;
        for (std::size_t i = 0; i < a.size(); ++i)
        {
            const auto x = a.data()[i], y = b.data()[i];
            same = same && (std::isnan(x) ? std::isnan(y) : std::abs(x - y) <= 1e-5 * (1 + std::abs(y)));
        }
        return same;
    }

    /// [batch, in, inner..] by [out, in / groups, taps..].
    template <class T, conv_options Options, std::ptrdiff_t Batch, std::ptrdiff_t In, std::ptrdiff_t Out, class Inner,
              class Taps, class Result = Inner>
    struct finished;
    template <class T, conv_options Options, std::ptrdiff_t Batch, std::ptrdiff_t In, std::ptrdiff_t Out,
              std::ptrdiff_t... Inner, std::ptrdiff_t... Taps, std::ptrdiff_t... Result>
    struct finished<T, Options, Batch, In, Out, xg::extents<Inner...>, xg::extents<Taps...>, xg::extents<Result...>>
    {
        using x_type = xg::input<T, Batch, In, Inner...>;
        using w_type = xg::input<T, Out, In / Options.groups, Taps...>;
        using channel = typename per_channel<T, Out, xg::extents<Inner...>>::type;
        using y_type = xg::input<T, Batch, Out, Result...>;

        static void run()
        {
            INFO(Batch << " x " << In << " to " << Out);
            auto together = xg::compile<x_type, w_type, channel, channel, y_type>(convolved<Options>::fused);
            auto apart = xg::compile<x_type, w_type, channel, channel, y_type>(convolved<Options>::apart);
            auto x = check::random<x_type>(1, -1, 1);
            x.data()[x.size() - 1] = std::numeric_limits<T>::quiet_NaN();
            const auto w = check::random<w_type>(2, -0.5, 0.5);
            const auto scale = check::random<channel>(3, -2, 2), shift = check::random<channel>(4, -1, 1);
            const auto residual = check::random<y_type>(5, -1, 1);
            const auto a = together(x, w, scale, shift, residual), b = apart(x, w, scale, shift, residual);
            CHECK(equal(std::get<0>(a), std::get<0>(b)));
            CHECK(equal(std::get<1>(a), std::get<1>(b)));
            CHECK(equal(std::get<2>(a), std::get<2>(b)));
            CHECK(equal(std::get<3>(a), std::get<3>(b)));
            CHECK(equal(std::get<4>(a), std::get<4>(b)));
            CHECK(equal(std::get<5>(a), std::get<5>(b)));
            CHECK(equal(std::get<6>(a), std::get<6>(b)));
            CHECK(equal(std::get<7>(a), std::get<7>(b)));
        }
    };
}

TEST_CASE("convolutions finish their channels as the statements behind them would", "[kernel]")
{
    using xg::extents;
    constexpr conv_options plain{}, padded{.padding = 1};
    SECTION("products: a lonely output, fewer than a register, many columns, deep sums, one axis, doubles")
    {
        finished<float, plain, 2, 24, 80, extents<7, 7>, extents<1, 1>>::run();
        finished<float, plain, 2, 20, 5, extents<3, 3>, extents<1, 1>>::run();
        finished<float, plain, 1, 4, 260, extents<40, 40>, extents<1, 1>>::run();
        finished<float, plain, 1, 300, 20, extents<5, 5>, extents<1, 1>>::run();
        finished<float, plain, 2, 20, 8, extents<33>, extents<1>>::run();
        finished<double, plain, 2, 24, 11, extents<7, 7>, extents<1, 1>>::run();
    }
    SECTION("filters of single channels: planes, strips of planes, halves, windows without padding, larger ones, doubles")
    {
        finished<float, conv_options{.padding = 1, .groups = 6}, 2, 6, 6, extents<9, 9>, extents<3, 3>>::run();
        finished<float, conv_options{.padding = 1, .groups = 3}, 1, 3, 3, extents<40, 41>, extents<3, 3>>::run();
        finished<float, conv_options{.stride = 2, .padding = 1, .groups = 5}, 2, 5, 5, extents<7, 12>, extents<3, 3>,
                 extents<4, 6>>::run();
        finished<float, conv_options{.groups = 4}, 2, 4, 4, extents<7, 9>, extents<3, 3>, extents<5, 7>>::run();
        finished<float, conv_options{.padding = 2, .groups = 3}, 2, 3, 3, extents<6, 6>, extents<5, 5>>::run();
        finished<double, conv_options{.padding = 1, .groups = 5}, 1, 5, 5, extents<7, 7>, extents<3, 3>>::run();
    }
    SECTION("gathered panels, groups, minimal filtering, joined images, a lonely output")
    {
        finished<float, padded, 1, 3, 6, extents<9, 11>, extents<3, 3>>::run();
        finished<float, conv_options{.padding = 1, .groups = 2}, 2, 8, 10, extents<6, 6>, extents<3, 3>>::run();
        finished<float, padded, 2, 32, 32, extents<12, 12>, extents<3, 3>>::run();
        finished<float, padded, 16, 64, 64, extents<2, 2>, extents<3, 3>>::run();
        finished<float, conv_options{.stride = 2}, 1, 8, 10, extents<6, 6>, extents<1, 1>, extents<3, 3>>::run();
        finished<float, conv_options{.stride = 2, .padding = 1}, 1, 12, 20, extents<13, 13>, extents<3, 3>,
                 extents<7, 7>>::run();
    }
}
