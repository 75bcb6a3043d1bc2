// SPDX-License-Identifier: BSD-3-Clause
#include "../tasks/table.hpp"
#include "table_row.hpp"

#include <xgrad/xgrad.hpp>

namespace
{
    template <int Rows, int Columns>
    bool add()
    {
        // largest, difference, exp, sum, quotient
        return bench::add_table_row<bench::softmax, Rows, Columns>(
            "softmax", 5,
            [](const std::shared_ptr<const bench::softmax>& work)
            {
                auto program = xg::compile<xg::input<float, Rows, Columns>>([](auto x) { return softmax(x); });
                return bench::table_contestant(work, std::make_shared<decltype(program)>(std::move(program)));
            });
    }

    const bool known = add<64, 10>() && add<512, 512>() && add<4096, 4096>();
}
