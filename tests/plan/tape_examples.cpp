// SPDX-License-Identifier: BSD-3-Clause
#include "both_ways.hpp"

#include <xgrad/models/lenet.hpp>
#include <xgrad/models/resnet.hpp>

// The models of the examples that models.hpp and tape.cpp do not have, smaller where they are large.
namespace
{
    struct running_sum_kernel // 08
    {
        template <class Element>
        using value_type = Element;
        static constexpr auto name = "running_sum";
        template <class Out, class>
        static constexpr void forward(const xg::kernel::call& call, auto&& done)
        {
            const Out* x = call.in[0].data.template as<Out>();
            Out* y = call.out.data.template as<Out>();
            const std::ptrdiff_t columns = call.out.extents.columns(), size = call.out.extents.size();
            for (std::ptrdiff_t row = 0; row < size; row += columns)
            {
                Out sum = 0;
                const bool from_end = call.with.value[0] != 0;
                for (std::ptrdiff_t k = 0; k < columns; ++k)
                {
                    const std::ptrdiff_t at = row + (from_end ? columns - 1 - k : k);
                    y[at] = sum += x[at];
                }
                done(row, row + columns);
            }
        }
        template <class>
        static constexpr std::int64_t flops(const xg::signature& s)
        {
            return s.in(0).size();
        }
        template <int>
        static constexpr unsigned needs = xg::needs::nothing;
        template <int>
        static constexpr auto gradient(const xg::kernel::attributes& with, auto g, auto, auto x)
        {
            return xg::make_core<running_sum_kernel>(xg::dynamic{x.shape()}, {{1 - with.value[0], 0}}, g);
        }
    };
    struct softsign_function : xg::op::elementwise_function // 04
    {
        static constexpr auto name = "softsign";
        template <class V>
        static constexpr V forward(const V& x)
        {
            return x / (V(1) + xg::kernel::abs(x));
        }
        template <int>
        static constexpr unsigned needs = xg::needs::first;
        template <int>
        static constexpr auto gradient(auto g, auto, auto x)
        {
            return g / square(1 + abs(x));
        }
    };
    struct own_operations
    {
        xg::linear<3, 8> hidden;
        xg::linear<8, 4> output;
        constexpr auto operator()(auto x) const
        {
            auto h = xg::named(xg::elementwise<softsign_function>(hidden(x)));
            using form = xg::shape_of_operand<decltype(h)>;
            return output(tanh(xg::make_core<running_sum_kernel>(form{}, {}, h)));
        }
    };

    struct adjustable // 09
    {
        int repeats = 1;
        bool smooth = false;
        xg::linear<6, 6> hidden{};
        xg::linear<6, 4> output{};
        constexpr auto operator()(auto x) const
        {
            auto h = xg::named(x);
            for (int i = 0; i < repeats; ++i)
                h = smooth ? xg::named(tanh(hidden(h))) : xg::named(relu(hidden(h)));
            return output(h);
        }
    };

    template <std::ptrdiff_t In, std::ptrdiff_t Width, int Stride>
    using block = xg::models::basic_block<In, Width, Stride, float>;
    struct pictures // 12 and 16
    {
        xg::models::plain_conv2d<1, 4, 3, 1, float> conv1;
        xg::batch_norm<4> bn1;
        xg::sequential<block<4, 4, 1>, block<4, 8, 2>> blocks;
        xg::linear<8, 4> fc;
        constexpr auto operator()(auto x) const { return fc(global_avg_pool(blocks(relu(bn1(conv1(x)))))); }
    };

    using labels = xg::batch<8, std::int32_t>;
}

TEST_CASE("the examples' models give the same loss and gradients on a tape", "[tape]")
{
    const auto y = random<labels>(2, 0, 4, 5);
    SECTION("operations of their own")
    {
        auto net = xg::network<own_operations>(1);
        using x = xg::batch<8, float, 3>;
        both_ways<1, x, labels>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 5), y);
    }
    SECTION("settings")
    {
        auto net = xg::network<adjustable{.repeats = 3, .smooth = true}>(1);
        using x = xg::batch<8, float, 6>;
        both_ways<1, x, labels>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 5), y);
    }
    SECTION("convolutions and pooling")
    {
        auto net = xg::models::lenet(1);
        using x = xg::batch<8, float, 1, 28, 28>;
        both_ways<1, x, labels>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 5), y);
    }
    SECTION("residual blocks with normalisation")
    {
        auto net = xg::network<pictures>(1);
        using x = xg::batch<8, float, 1, 9, 9>;
        both_ways<1, x, labels>(net, models::cross_entropy_loss, random<x>(1, -1, 1, 5), y);
    }
}
