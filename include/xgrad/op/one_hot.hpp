// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/index.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        template <class T>
        struct one_hot
        {
            template <class>
            using value_type = T;
            static constexpr auto name = "one_hot";

            template <class Out, class Operand>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const auto* labels = c.in[0].data.template as<typename Operand::value_type>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t classes = c.out.extents.columns(), rows = c.in[0].extents.size();
                for (std::ptrdiff_t row = 0; row < rows; ++row, to += classes)
                {
                    for (std::ptrdiff_t k = 0; k < classes; ++k)
                        to[k] = 0;
                    to[detail::checked_index(labels[row], row, classes, "one_hot: label")] = 1;
                }
                done(0, rows * classes);
            }
            template <class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
        };
    }

    namespace detail
    {
        template <class T, class Labels>
        constexpr auto one_hot_value(const Labels& labels, std::ptrdiff_t classes)
        {
            shape to = labels.shape();
            to.append(classes);
            return make_core<op::one_hot<T>>(dynamic{to}, {}, labels);
        }
    }

    /// Integers from 0 to Classes - 1 as rows with a single 1: [..] becomes [.., Classes]. No gradient.
    template <std::ptrdiff_t Classes, element_type T = float>
    constexpr auto one_hot(tensor auto&& labels)
    {
        static_assert(std::is_integral_v<element_of_operand<decltype(labels)>>,
                      "xgrad::one_hot<Classes>(labels): labels must be integers");
        constexpr shape to = []
        {
            shape s = shape_of_operand<decltype(labels)>::value;
            s.append(Classes);
            return s;
        }();
        return make_core<op::one_hot<T>>(shape_type<to>{}, {}, in_memory(labels));
    }
}
