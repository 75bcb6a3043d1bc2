// SPDX-License-Identifier: BSD-3-Clause
#include "../row.hpp"
#include "../tasks/product.hpp"

#include <xgrad/kernel/gemm.hpp>

namespace
{
    using bench::product;

    bench::contestant ours(const std::shared_ptr<const product>& work)
    {
        auto to = std::make_shared<bench::numbers>(work->size());
        auto workspace =
            std::make_shared<bench::numbers>(xg::kernel::gemm_workspace<float>(work->rows, work->columns, work->depth));
        return {"xgrad",
                [=]
                {
                    const auto& w = *work;
                    xg::kernel::gemm<float>(w.rows, w.columns, w.depth, {w.a.data(), w.stride_a(), w.transposed_a},
                                            {w.b.data(), w.stride_b(), w.transposed_b}, to->data(), w.columns,
                                            xg::kernel::write::overwrite, workspace->data());
                },
                [=] { return bench::copy_of(*to); }};
    }

    void add(const std::string& name, int rows, int columns, int depth, bool transposed_a = false, bool transposed_b = false)
    {
        const double m = rows, n = columns, k = depth, bytes = 4 * (m * k + k * n + m * n);
        bench::add_row({.name = "sgemm_" + name,
                        .flops = 2 * m * n * k,
                        .bytes = bytes,
                        .working_set = bytes,
                        .traffic = bench::traffic::read,
                        .tolerance = 1e-5,
                        .contestants = bench::contest<product>(
                            ours, [=] { return product{rows, columns, depth, transposed_a, transposed_b}; })});
    }

    const bool known = []
    {
        for (const int n : {8, 16, 32, 64, 128, 256, 512, 1024})
            add(std::to_string(n), n, n, n);
        add("1024x1x1024", 1024, 1, 1024);
        add("1024x1x1024_tn", 1024, 1, 1024, true);
        for (const int batch : {1, 8, 64})
            for (const int width : {128, 512, 1024, 4096})
            {
                const std::string b = std::to_string(batch), w = std::to_string(width);
                add(b + "x" + w + "x" + w, batch, width, width);
                add(b + "x" + w + "x" + w + "_nt", batch, width, width, false, true);
                if (batch == 64 && width < 4096)
                    add(w + "x" + w + "x" + b + "_tn", width, width, batch, true);
            }
        return true;
    }();
}
