// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "measure.hpp"

#include <string>
#include <vector>

namespace bench
{
    /// A library we are compared with.
    struct library
    {
        std::string name, version;
    };

    /// Everything that one run of the program found out.
    struct report
    {
        std::string processor, compiler, date;
        std::vector<library> peers;
        /// The processor whose kernels OpenBLAS runs, if it is loaded.
        std::string openblas_core;
        std::vector<std::string> absent;
        limits machine;
        std::vector<outcome> outcomes;
    };

    /// A report without rows yet; measures what the machine can do.
    report about_this_machine();

    /// "one thread", "2 threads": what every contestant has.
    std::string threads_text();

    /// A row's heading: what kind of work it is.
    std::string title_of(kind k);

    /// "1.05 ms": a time with three digits.
    std::string time_text(double seconds);

    /// "2.3x": a ratio with two digits.
    std::string ratio_text(double ratio);
}
