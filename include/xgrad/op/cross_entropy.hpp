// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/mean.hpp>
#include <xgrad/op/one_hot.hpp>
#include <xgrad/op/softmax.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        struct cross_entropy
        {
            template <class Logit, class>
            using value_type = Logit;
            static constexpr auto name = "cross_entropy";

            template <class Out, class, class Labels>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* x = c.in[0].data.template as<Out>();
                const auto* labels = c.in[1].data.template as<typename Labels::value_type>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t classes = c.in[0].extents.columns(), rows = c.in[1].extents.size();
                for (std::ptrdiff_t row = 0; row < rows; ++row)
                    detail::checked_index(labels[row], row, classes, "cross_entropy: label");
                kernel::logsumexp_rows(
                    x, rows, classes, [&](std::ptrdiff_t row, Out largest, Out rest)
                    { to[row] = rest + (largest - x[row * classes + static_cast<std::ptrdiff_t>(labels[row])]); });
                done(0, rows);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return 3 * s.in(0).size();
            }

            template <int Operand>
                requires(Operand == 0)
            static constexpr unsigned needs = needs::first | needs::second;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto, auto x, auto labels)
            {
                shape kept = g.shape();
                kept.append(1);
                const auto target = named(detail::one_hot_value<typename decltype(x)::value_type>(labels, x.shape()[-1]));
                const auto probability = make_core<op::softmax>(dynamic{x.shape()}, {}, x);
                return (probability - target) * detail::reshape_value(g, kept);
            }
        };
    }

    /// -log(softmax(logits)[label]) of every row, logits [.., classes], labels integers [..].
    /// Derivative: softmax(logits) - one_hot(label).
    template <tensor Logits, tensor Labels>
    constexpr auto cross_entropy_of_rows(Logits&& logits, Labels&& labels)
    {
        using logit_shape = shape_of_operand<Logits>;
        using label_shape = shape_of_operand<Labels>;
        using label_type = element_of_operand<Labels>;
        static_assert(std::is_integral_v<label_type> && !std::is_same_v<label_type, bool>,
                      "xgrad::cross_entropy(logits, labels): labels must be integers, the number of the class of each row");
        static_assert(logit_shape::value.rank > 0,
                      "xgrad::cross_entropy(logits, labels): logits must have a last axis of classes");
        using rows_of_logits = shape_type<reduced(logit_shape::value, 1u << (logit_shape::value.rank - 1), false)>;
        static_assert(std::is_same_v<rows_of_logits, label_shape>,
                      "xgrad::cross_entropy(logits, labels): labels must have the shape of the logits without the last axis");
        return make_core<op::cross_entropy>(rows_of_logits{}, {}, in_memory(std::forward<Logits>(logits)),
                                            in_memory(std::forward<Labels>(labels)));
    }

    /// The mean over all rows of -log(softmax(logits)[label]); logits [.., classes], labels integers [..].
    template <tensor Logits, tensor Labels>
    constexpr auto cross_entropy(Logits&& logits, Labels&& labels)
    {
        return mean(cross_entropy_of_rows(std::forward<Logits>(logits), std::forward<Labels>(labels)));
    }
}
