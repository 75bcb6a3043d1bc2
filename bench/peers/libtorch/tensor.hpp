// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "../../numbers.hpp"
#include "../../row.hpp"

#include <torch/torch.h>

#include <algorithm>

namespace bench::libtorch
{
    /// A tensor over memory that belongs to somebody else; LibTorch does not know const.
    inline torch::Tensor borrowed(const numbers& x, const std::vector<std::int64_t>& extents)
    {
        return torch::from_blob(const_cast<float*>(x.data()), extents, torch::kFloat32);
    }

    /// The numbers of a tensor.
    inline std::vector<float> numbers_of(const torch::Tensor& x)
    {
        const torch::Tensor dense = x.detach().contiguous();
        return {dense.data_ptr<float>(), dense.data_ptr<float>() + dense.numel()};
    }
}
