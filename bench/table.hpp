// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "report.hpp"

#include <iosfwd>

namespace bench
{
    /// Prints the machine, the peers that are there and those that are not, and the columns' names.
    void print_header(std::ostream& out, const report& r);

    /// Prints a row as soon as it is measured.
    void print_row(std::ostream& out, const report& r, const outcome& o);
}
