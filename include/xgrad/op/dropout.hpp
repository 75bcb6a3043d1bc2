// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/meta/philox.hpp>
#include <xgrad/op/function.hpp>

#include <bit>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// Attribute 0: the number of this dropout in the graph; attribute 1: the bits of the probability.
        /// The mask is a function of seed, step, number and element, so the gradient replays it and nothing is stored.
        struct dropout
        {
            template <class Element>
            using value_type = Element;
            static constexpr auto name = "dropout";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                Out* to = c.out.data.template as<Out>();
                const double probability = std::bit_cast<double>(c.with.value[1]);
                const auto threshold = static_cast<std::uint64_t>(probability * 4294967296.0);
                const Out scale = static_cast<Out>(1 / (1 - probability));
                const kernel::random_state random = c.random ? *c.random : kernel::random_state{};
                const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(random.seed),
                                                       static_cast<std::uint32_t>(random.seed >> 32)};
                const std::ptrdiff_t size = c.out.extents.size();
                for (std::ptrdiff_t at = 0; at < size; at += 4)
                {
                    const auto bits = philox(
                        {static_cast<std::uint32_t>(at / 4), static_cast<std::uint32_t>(random.first_stream + c.with.value[0]),
                         static_cast<std::uint32_t>(random.step), static_cast<std::uint32_t>(random.step >> 32)},
                        key);
                    for (std::ptrdiff_t k = 0; k < 4 && at + k < size; ++k)
                        to[at + k] = bits[static_cast<std::size_t>(k)] >= threshold ? x[at + k] * scale : Out(0);
                }
                done(0, size);
            }
            template <class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return s.in(0).size();
            }
            template <int>
            static constexpr unsigned needs = needs::nothing;
            template <int>
            static constexpr auto gradient(const kernel::attributes& with, auto g, auto, auto x)
            {
                return make_core<dropout>(dynamic{x.shape()}, with, g);
            }
        };
    }

    /// In training, every element of x is zero with the given probability, else divided by (1 - probability)
    /// (Srivastava et al. 2014); in prediction, x. Derivative: the same mask.
    constexpr auto dropout(tensor auto&& x, double probability)
    {
        if (!(probability >= 0 && probability < 1))
            throw range_error("xgrad::dropout(x, probability): the probability must be from 0 to less than 1");
        const auto value = in_memory(std::forward<decltype(x)>(x));
        if (!value.list->training || probability == 0)
            return value;
        return named(make_core<op::dropout>(
            value.form, kernel::attributes{{value.list->random_streams++, std::bit_cast<std::int64_t>(probability)}}, value));
    }
}
