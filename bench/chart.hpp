// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "report.hpp"

#include <filesystem>

namespace bench
{
    /// Draws how many times longer than we each peer takes, row by row on a logarithmic axis, as SVG.
    void save_chart(const std::filesystem::path& path, const report& r);
}
