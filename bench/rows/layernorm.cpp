// SPDX-License-Identifier: BSD-3-Clause
#include "../tasks/table.hpp"
#include "table_row.hpp"

#include <xgrad/xgrad.hpp>

#include <algorithm>

namespace
{
    template <int Columns>
    struct model
    {
        xg::layer_norm<Columns> norm;
        constexpr auto operator()(auto x) const { return norm(x); }
    };

    template <int Rows, int Columns>
    struct normaliser
    {
        using network_type = decltype(xg::network<model<Columns>>());
        using program_type = decltype(xg::prediction<xg::input<float, Rows, Columns>>(std::declval<network_type&>()));
        network_type net = xg::network<model<Columns>>();
        program_type program = xg::prediction<xg::input<float, Rows, Columns>>(net);

        explicit normaliser(const bench::layer_norm& work)
        {
            std::copy(work.weight.begin(), work.weight.end(), net[net.model.norm.weight].begin());
            std::copy(work.bias.begin(), work.bias.end(), net[net.model.norm.bias].begin());
        }
        auto operator()(const auto& x) { return program(x); }
    };

    template <int Rows, int Columns>
    bool add()
    {
        // mean, difference, square, variance, quotient, product, sum
        return bench::add_table_row<bench::layer_norm, Rows, Columns>(
            "layernorm", 7, [](const std::shared_ptr<const bench::layer_norm>& work)
            { return bench::table_contestant(work, std::make_shared<normaliser<Rows, Columns>>(*work)); });
    }

    const bool known = add<512, 128>() && add<512, 1024>() && add<16384, 1024>();
}
