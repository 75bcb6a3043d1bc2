// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../../row.hpp"
#include "../../tasks/table.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include <unordered_map>

namespace bench::onednn
{
    /// This processor.
    inline const dnnl::engine& engine()
    {
        static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
        return cpu;
    }

    /// A row-major tensor of floats.
    inline dnnl::memory::desc dense(const dnnl::memory::dims& extents)
    {
        static constexpr dnnl::memory::format_tag row_major[] = {dnnl::memory::format_tag::undef, dnnl::memory::format_tag::a,
                                                                 dnnl::memory::format_tag::ab};
        return {extents, dnnl::memory::data_type::f32, row_major[extents.size()]};
    }

    /// Memory that belongs to somebody else; oneDNN does not know const.
    inline dnnl::memory borrowed(const dnnl::memory::desc& what, const numbers& x)
    {
        return {what, engine(), const_cast<float*>(x.data())};
    }

    /// A primitive from a table to another of the same size, with what else it reads.
    inline contestant table_contestant(const std::shared_ptr<const table>& work, const dnnl::primitive& todo,
                                       std::unordered_map<int, dnnl::memory> operands = {})
    {
        const dnnl::memory::desc all = dense({work->rows, work->columns});
        auto to = std::make_shared<numbers>(work->size());
        operands[DNNL_ARG_SRC] = borrowed(all, work->values);
        operands[DNNL_ARG_DST] = borrowed(all, *to);
        dnnl::stream stream(engine());
        return {"oneDNN",
                [work, todo, operands, stream]() mutable
                {
                    todo.execute(stream, operands);
                    stream.wait();
                },
                [to] { return copy_of(*to); }};
    }
}
