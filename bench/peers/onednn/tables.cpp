// SPDX-License-Identifier: BSD-3-Clause
#include "primitive.hpp"

namespace
{
    using namespace bench::onednn;
    constexpr auto inference = dnnl::prop_kind::forward_inference;

    dnnl::memory::desc extents_of(const bench::table& work) { return dense({work.rows, work.columns}); }

    bench::contestant softmax(const std::shared_ptr<const bench::softmax>& work)
    {
        const dnnl::softmax_forward::desc what(inference, extents_of(*work), 1);
        return table_contestant(work, dnnl::softmax_forward({what, engine()}));
    }

    bench::contestant exponential(const std::shared_ptr<const bench::exponential>& work)
    {
        const dnnl::eltwise_forward::desc what(inference, dnnl::algorithm::eltwise_exp, extents_of(*work), 0.f, 0.f);
        return table_contestant(work, dnnl::eltwise_forward({what, engine()}));
    }

    bench::contestant layer_norm(const std::shared_ptr<const bench::layer_norm>& work)
    {
        using flags = dnnl::normalization_flags;
        const dnnl::layer_normalization_forward::desc what(inference, extents_of(*work), 1e-5f,
                                                           flags::use_scale | flags::use_shift);
        const auto along = dense({work->columns});
        return table_contestant(
            work, dnnl::layer_normalization_forward({what, engine()}),
            {{DNNL_ARG_SCALE, borrowed(along, work->weight)}, {DNNL_ARG_SHIFT, borrowed(along, work->bias)}});
    }

    const bool known = bench::add_peer<bench::softmax>(softmax) && bench::add_peer<bench::exponential>(exponential) &&
                       bench::add_peer<bench::layer_norm>(layer_norm);
}
