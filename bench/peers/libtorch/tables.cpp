// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/table.hpp"
#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;

    /// f(to, from), which writes into a tensor that is there.
    template <class Work, class Function>
    bench::contestant table_contestant(const std::shared_ptr<const Work>& work, Function f)
    {
        const torch::Tensor from = borrowed(work->values, {work->rows, work->columns});
        auto to = std::make_shared<torch::Tensor>(torch::empty_like(from));
        return {"LibTorch",
                [=]
                {
                    const torch::InferenceMode no_gradients;
                    f(*to, from);
                },
                [=] { return numbers_of(*to); }};
    }

    bench::contestant softmax(const std::shared_ptr<const bench::softmax>& work)
    {
        return table_contestant(work, [](auto& to, const auto& from) { at::_softmax_out(to, from, 1, false); });
    }

    bench::contestant exponential(const std::shared_ptr<const bench::exponential>& work)
    {
        return table_contestant(work, [](auto& to, const auto& from) { torch::exp_out(to, from); });
    }

    bench::contestant layer_norm(const std::shared_ptr<const bench::layer_norm>& work)
    {
        const std::vector<std::int64_t> along{work->columns};
        return table_contestant(work, [=, weight = borrowed(work->weight, along), bias = borrowed(work->bias, along)](
                                          auto& to, const auto& from) { to = torch::layer_norm(from, along, weight, bias); });
    }

    const bool known = bench::add_peer<bench::softmax>(softmax) && bench::add_peer<bench::exponential>(exponential) &&
                       bench::add_peer<bench::layer_norm>(layer_norm);
}
