// SPDX-License-Identifier: BSD-3-Clause
#include "../../row.hpp"
#include "../../tasks/product.hpp"

#include <cblas.h>

namespace
{
    using bench::product;

    const bool known = bench::add_peer<product>(
        [](const std::shared_ptr<const product>& work) -> bench::contestant
        {
            auto to = std::make_shared<bench::numbers>(work->size());
            return {"OpenBLAS",
                    [=]
                    {
                        const auto& w = *work;
                        if (w.rows == 1) // for which its sgemm is up to 13 times slower
                            return cblas_sgemv(CblasRowMajor, w.transposed_b ? CblasNoTrans : CblasTrans,
                                               w.transposed_b ? w.columns : w.depth, w.stride_b(), 1, w.b.data(), w.stride_b(),
                                               w.a.data(), 1, 0, to->data(), 1);
                        cblas_sgemm(CblasRowMajor, w.transposed_a ? CblasTrans : CblasNoTrans,
                                    w.transposed_b ? CblasTrans : CblasNoTrans, w.rows, w.columns, w.depth, 1, w.a.data(),
                                    w.stride_a(), w.b.data(), w.stride_b(), 0, to->data(), w.columns);
                    },
                    [=] { return bench::copy_of(*to); }};
        });
}
