// SPDX-License-Identifier: BSD-3-Clause
#include "table.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>

namespace bench
{
    namespace
    {
        constexpr int name_width = 42, time_width = 10, spread_width = 7, ratio_width = 7;

        std::string bytes_text(double bytes)
        {
            const bool large = bytes >= 1 << 20;
            return std::to_string(static_cast<int>(bytes / (large ? 1 << 20 : 1 << 10))) + (large ? " MB" : " KB");
        }

        std::string spread_text(const timing& t)
        {
            return "+-" + std::to_string(std::lround(50 * (t.upper - t.lower) / t.median)) + "%";
        }

        // what a library did otherwise has a line of its own, in the library's columns
        void print_other_ways(std::ostream& out, const report& r, const outcome& o)
        {
            int indent = name_width + time_width + spread_width;
            for (const auto& peer : r.peers)
            {
                for (const timing& t : o.timings)
                    if (t.name != peer.name && t.is_of(peer.name))
                        out << std::left << std::setw(indent) << "  " + t.name << std::right << std::setw(time_width + 2)
                            << time_text(t.median) << std::setw(ratio_width) << ratio_text(o.ratio(t.name)) << std::endl;
                indent += time_width + 2 + ratio_width;
            }
        }
    }

    void print_header(std::ostream& out, const report& r)
    {
        out << r.processor << ", " << r.compiler << ", " << threads_text() << "\n"
            << std::fixed << std::setprecision(1) << "limits: " << r.machine.flops_per_second / 1e9
            << " GFLOP/s; GB/s of reading, copying and updating";
        for (const auto& [working_set, rate] : r.machine.levels)
            out << (working_set == r.machine.levels[0].working_set ? " " : "; ") << bytes_text(working_set) << " "
                << rate[0] / 1e9 << ", " << rate[1] / 1e9 << ", " << rate[2] / 1e9;
        out << "\n";
        out << "peers:";
        for (const auto& peer : r.peers)
            out << " " << peer.name << " " << peer.version << (&peer == &r.peers.back() ? "" : ",");
        out << (r.peers.empty() ? " none" : "");
        if (!r.openblas_core.empty())
            out << "; OpenBLAS runs kernels for " << r.openblas_core;
        for (const auto& name : r.absent)
            out << "; " << name << " is absent";
        out << "\nA peer's ratio is its time over ours; the median of alternating samples, +- half the quartiles' distance.\n\n"
            << std::left << std::setw(name_width) << "row" << std::right << std::setw(time_width) << "xgrad"
            << std::setw(spread_width) << "";
        for (const auto& peer : r.peers)
            out << std::setw(time_width + 2) << peer.name << std::setw(ratio_width) << "ratio";
        out << std::setw(time_width) << "floor" << std::setw(8) << "by" << std::setw(12) << "ours/floor" << std::endl;
    }

    void print_row(std::ostream& out, const report& r, const outcome& o)
    {
        out << std::left << std::setw(name_width) << o.work.name << std::right;
        if (!o.failure.empty())
        {
            out << "  FAILED: " << o.failure << std::endl;
            return;
        }
        const timing& ours = o.timings[0];
        out << std::setw(time_width) << time_text(ours.median) << std::setw(spread_width) << spread_text(ours);
        for (const auto& peer : r.peers)
        {
            const double ratio = o.ratio(peer.name);
            out << std::setw(time_width + 2) << (ratio > 0 ? time_text(ratio * ours.median) : "-") << std::setw(ratio_width)
                << (ratio > 0 ? ratio_text(ratio) : "");
        }
        out << std::setw(time_width) << time_text(o.floor.seconds) << std::setw(8) << o.floor.limited_by << std::setw(12)
            << ratio_text(ours.median / o.floor.seconds) << std::endl;
        print_other_ways(out, r, o);
    }
}
