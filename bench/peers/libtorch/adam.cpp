// SPDX-License-Identifier: BSD-3-Clause
#include "../../tasks/adam.hpp"

#include "tensor.hpp"

namespace
{
    using namespace bench::libtorch;

    const bool known = bench::add_peer<bench::adam>(
        [](const std::shared_ptr<const bench::adam>& work) -> bench::contestant
        {
            const std::vector<std::int64_t> extents{static_cast<std::int64_t>(work->count)};
            torch::Tensor parameters = borrowed(work->parameters, extents).clone().requires_grad_();
            parameters.mutable_grad() = borrowed(work->gradients, extents);
            auto optimizer = std::make_shared<torch::optim::Adam>(std::vector{parameters}, torch::optim::AdamOptions(1e-3));
            return {"LibTorch", [work, optimizer] { optimizer->step(); }, [parameters] { return numbers_of(parameters); }};
        });
}
