// SPDX-License-Identifier: BSD-3-Clause
#include "model.hpp"

#include <xgrad/kernel/dispatch.hpp>

#include <cstdlib>

const float at_start = norm(std::vector<float>(std::size_t(std::rand()), 1.f));

template <>
answer ask::operator()(xg::this_architecture, const std::array<float, 20>&) const
{
    return {"", "", {at_start}};
}
