// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <xgrad/config/abi.hpp>

#include <stdexcept>

namespace xgrad::inline XGRAD_ABI
{
    /// What xgrad throws: the text names what was expected and what came.
    struct error : std::runtime_error
    {
        using std::runtime_error::runtime_error;
    };

    /// A file that cannot be read or written, or does not hold what it should.
    struct file_error : error
    {
        using error::error;
    };

    /// Extents that do not fit an operation, found at run time.
    struct shape_error : error
    {
        using error::error;
    };

    /// A value outside its range: a label, a token, a batch above its bound.
    struct range_error : error
    {
        using error::error;
    };
}
