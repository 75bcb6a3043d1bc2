// SPDX-License-Identifier: BSD-3-Clause
#include "report.hpp"

#include "openblas.hpp"
#include "threads.hpp"

#include <cstdio>
#include <ctime>
#include <fstream>

namespace bench
{
    namespace
    {
        std::string processor_name()
        {
            std::ifstream file("/proc/cpuinfo");
            for (std::string line; std::getline(file, line);)
                if (line.rfind("model name", 0) == 0)
                    return line.substr(line.find(':') + 2);
            return "unknown processor";
        }

        std::string compiler_name()
        {
#ifdef __clang__
            return "Clang " __clang_version__;
#else
            return "GCC " __VERSION__;
#endif
        }

        std::string date_now()
        {
            char text[32];
            const std::time_t now = std::time(nullptr);
            return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", std::localtime(&now))};
        }

        std::string formatted(const char* format, double value, const char* unit)
        {
            char text[64];
            std::snprintf(text, sizeof text, format, value, unit);
            return text;
        }

        // 9.99, 99.9, 999
        const char* format_of(double value, double half_digit)
        {
            return value < 10 - half_digit ? "%.2f%s" : value < 100 - 10 * half_digit ? "%.1f%s" : "%.0f%s";
        }
    }

    report about_this_machine()
    {
        report found{processor_name(), compiler_name(),      date_now(), {XGRAD_BENCH_PEERS},
                     openblas_core(),  {XGRAD_BENCH_ABSENT}, {},         {}};
        found.machine = measure_limits();
        return found;
    }

    std::string threads_text() { return threads() == 1 ? "one thread" : std::to_string(threads()) + " threads"; }

    std::string title_of(kind k)
    {
        return k == kind::training ? "training steps" : k == kind::prediction ? "predictions" : "kernels";
    }

    std::string time_text(double seconds)
    {
        double scale = 1e9;
        const char* unit = " ns";
        if (seconds >= 999.5e-3)
            scale = 1, unit = " s";
        else if (seconds >= 999.5e-6)
            scale = 1e3, unit = " ms";
        else if (seconds >= 999.5e-9)
            scale = 1e6, unit = " us";
        return formatted(format_of(seconds * scale, 0.005), seconds * scale, unit);
    }

    std::string ratio_text(double ratio) { return formatted(format_of(ratio, 0.005), ratio, "x"); }
}
