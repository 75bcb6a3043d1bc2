// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/op/index.hpp>

namespace xgrad::inline XGRAD_ABI
{
    namespace op
    {
        /// Zeros, to whose rows the rows of the first operand are added at the places the second names.
        struct scatter_add
        {
            template <class Element, class>
            using value_type = Element;
            static constexpr auto name = "scatter_add";

            template <class Out, class, class Index>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* g = c.in[0].data.template as<Out>();
                const auto* index = c.in[1].data.template as<typename Index::value_type>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.out.extents.columns(), rows = c.out.extents.rows();
                const std::ptrdiff_t count = c.in[1].extents.size();
                for (std::ptrdiff_t i = 0; i < rows * columns; ++i)
                    to[i] = 0;
                for (std::ptrdiff_t row = 0; row < count; ++row, g += columns)
                {
                    Out* target = to + detail::checked_index(index[row], row, rows, "gather: index") * columns;
                    for (std::ptrdiff_t k = 0; k < columns; ++k)
                        target[k] += g[k];
                }
                done(0, rows * columns);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature& s)
            {
                return s.in(0).size();
            }
            template <int Operand>
                requires(Operand == 0)
            static constexpr unsigned needs = needs::second;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto, auto x, auto index);
        };

        struct gather
        {
            template <class Element, class>
            using value_type = Element;
            static constexpr auto name = "gather";

            template <class Out, class, class Index>
            static constexpr void forward(const kernel::call& c, auto&& done)
            {
                const Out* table = c.in[0].data.template as<Out>();
                const auto* index = c.in[1].data.template as<typename Index::value_type>();
                Out* to = c.out.data.template as<Out>();
                const std::ptrdiff_t columns = c.in[0].extents.columns(), rows = c.in[0].extents.rows();
                const std::ptrdiff_t count = c.in[1].extents.size();
                for (std::ptrdiff_t row = 0; row < count; ++row)
                {
                    const Out* from = table + detail::checked_index(index[row], row, rows, "gather: index") * columns;
                    for (std::ptrdiff_t k = 0; k < columns; ++k)
                        to[row * columns + k] = from[k];
                }
                done(0, count * columns);
            }
            template <class, class>
            static constexpr std::int64_t flops(const signature&)
            {
                return 0;
            }
            template <int Operand>
                requires(Operand == 0)
            static constexpr unsigned needs = needs::second;
            template <int>
            static constexpr auto gradient(const kernel::attributes&, auto g, auto, auto table, auto index)
            {
                return make_core<scatter_add>(dynamic{table.shape()}, {}, g, index);
            }
        };

        template <int Operand>
        constexpr auto scatter_add::gradient(const kernel::attributes&, auto g, auto, auto x, auto index)
        {
            return make_core<gather>(dynamic{x.shape()}, {}, g, index);
        }
    }

    /// The rows of a table [entries, width] at integer places [..], as [.., width]. Derivative: the rows of g added up at
    /// their places.
    template <tensor Table, tensor Index>
    constexpr auto gather(Table&& table, Index&& index)
    {
        using table_shape = shape_of_operand<Table>;
        using index_type = element_of_operand<Index>;
        static_assert(std::is_integral_v<index_type> && !std::is_same_v<index_type, bool>,
                      "xgrad::gather(table, index): the index must be integers");
        static_assert(table_shape::value.rank == 2 && !table_shape::value.bounded,
                      "xgrad::gather(table, index): the table must have two axes, entries and width");
        constexpr shape to = []
        {
            shape s = shape_of_operand<Index>::value;
            s.append(table_shape::value.extent[1]);
            return s;
        }();
        return make_core<op::gather>(shape_type<to>{}, {}, in_memory(std::forward<Table>(table)),
                                     in_memory(std::forward<Index>(index)));
    }
}
