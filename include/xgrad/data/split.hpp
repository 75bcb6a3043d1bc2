// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

namespace xgrad::inline XGRAD_ABI::data
{
    /// Which part of a dataset: the one to learn from or the one to judge by.
    enum class split
    {
        train,
        test
    };
}
