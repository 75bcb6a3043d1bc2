// SPDX-License-Identifier: BSD-3-Clause
#include "../tasks/table.hpp"
#include "table_row.hpp"

#include <xgrad/xgrad.hpp>

namespace
{
    template <int Rows, int Columns>
    bool add()
    {
        return bench::add_table_row<bench::exponential, Rows, Columns>(
            "exp", 1,
            [](const std::shared_ptr<const bench::exponential>& work)
            {
                auto program = xg::compile<xg::input<float, Rows, Columns>>([](auto x) { return exp(x); });
                return bench::table_contestant(work, std::make_shared<decltype(program)>(std::move(program)));
            });
    }

    const bool known = add<64, 64>() && add<512, 512>() && add<4096, 4096>();
}
