// SPDX-License-Identifier: BSD-3-Clause
// One program of units that are compiled for different machines, and of two for the same: they link, each runs its own code,
// and all learn the same. This file and what is no unit's own are compiled for the weakest machine. Units that this machine
// cannot run are left out; units [number] fails if they are not so many that it can.
#include "unit.hpp"

#include <xgrad/xgrad.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// the units that tests/house/CMakeLists.txt builds, weakest first
answer scalar();
#if defined(__x86_64__)
answer sse2(), sse4_2(), avx(), avx2_fma(), avx512();
#else
answer native();
#endif

namespace
{
    struct unit
    {
        unsigned version;
        answer (*run)();
    };
    const unit units[]{{0, scalar},
#if defined(__x86_64__)
                       {xsimd::sse2::version(), sse2},
                       {xsimd::sse4_2::version(), sse4_2},
                       {xsimd::avx::version(), avx},
                       {xsimd::fma3<xsimd::avx2>::version(), avx2_fma},
                       {xsimd::avx512bw::version(), avx512}
#else
                       {0, native}
#endif
    };
}

int main(int count, char** arguments)
{
    const answer expected = scalar();
    const unsigned best = xsimd::available_architectures().best;
    int failures = 0, run = 0;
    for (const unit& each : units)
        if (each.version <= best)
        {
            const answer found = each.run();
            ++run;
            const bool own = found.compiled_for == std::string_view(found.found);
            const bool learnt = found.last_loss < 0.9f * found.first_loss;
            const bool same = std::abs(found.first_loss - expected.first_loss) < 1e-5f &&
                              std::abs(found.last_loss - expected.last_loss) < 1e-4f;
            std::printf("%s: %s, from %g to %g%s%s\n", found.compiled_for,
                        own ? "runs its own code" : "runs code of another unit", static_cast<double>(found.first_loss),
                        static_cast<double>(found.last_loss), learnt ? "" : ", has not learnt",
                        same ? "" : ", not as scalar has");
            failures += !own || !learnt || !same;
        }
    if (count > 1 && run != std::atoi(arguments[1]))
        std::printf("%d units, not %s\n", run, arguments[1]), ++failures;
    return failures;
}
