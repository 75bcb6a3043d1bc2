// SPDX-License-Identifier: BSD-3-Clause
#include "../../row.hpp"
#include "../../tasks/product.hpp"

#include <oneapi/dnnl/dnnl.hpp>

namespace
{
    using bench::product;

    const bool known = bench::add_peer<product>(
        [](const std::shared_ptr<const product>& work) -> bench::contestant
        {
            auto to = std::make_shared<bench::numbers>(work->size());
            return {"oneDNN",
                    [=]
                    {
                        const auto& w = *work;
                        dnnl::sgemm(w.transposed_a ? 'T' : 'N', w.transposed_b ? 'T' : 'N', w.rows, w.columns, w.depth, 1,
                                    w.a.data(), w.stride_a(), w.b.data(), w.stride_b(), 0, to->data(), w.columns);
                    },
                    [=] { return bench::copy_of(*to); }};
        });
}
