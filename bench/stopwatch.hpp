// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "threads.hpp"

#include <chrono>
#include <ctime>
#include <functional>

namespace bench
{
    /// Seconds since it was made.
    class stopwatch
    {
    public:
        double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

    private:
        std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    };

    /// Seconds that the processor has worked for this thread, or for another of the system's clocks.
    inline double processor_seconds(clockid_t clock = CLOCK_THREAD_CPUTIME_ID)
    {
        timespec now;
        ::clock_gettime(clock, &now);
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
    }

    /// Seconds of the processor that one run takes, averaged over some repetitions: on a busy machine, time of others does
    /// not count. With several threads, seconds that pass.
    inline double seconds_of(const std::function<void()>& work, int repetitions)
    {
        const stopwatch passing;
        const double start = processor_seconds();
        for (int i = 0; i < repetitions; ++i)
            work();
        return (threads() > 1 ? passing.seconds() : processor_seconds() - start) / repetitions;
    }

    /// How often work is repeated in one sample: until it takes a millisecond, which the clock resolves well.
    inline int repetitions_for(const std::function<void()>& work)
    {
        constexpr double sample = 1e-3;
        int repetitions = 1;
        for (double seconds = seconds_of(work, 1); seconds * repetitions < sample; seconds = seconds_of(work, repetitions))
            repetitions = seconds * repetitions * 8 < sample ? repetitions * 8 : static_cast<int>(sample / seconds) + 1;
        return repetitions;
    }
}
