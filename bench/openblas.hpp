// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

namespace bench
{
    /// The processor whose kernels OpenBLAS runs, which it may do for LibTorch; nothing where it is not loaded.
    std::string openblas_core();

    /// The processor whose kernels it should run instead: it knows no processor younger than itself and gives them kernels for
    /// SSE, 6 times slower than its best. Nothing where its own choice is a good one.
    std::string better_openblas_core();
}
