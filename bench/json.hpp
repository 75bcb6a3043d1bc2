// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "report.hpp"

#include <filesystem>

namespace bench
{
    /// Writes the report as JSON; times are in seconds.
    void save_json(const std::filesystem::path& path, const report& r);
}
