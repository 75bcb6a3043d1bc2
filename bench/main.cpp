// SPDX-License-Identifier: BSD-3-Clause
#include "chart.hpp"
#include "json.hpp"
#include "measure.hpp"
#include "openblas.hpp"
#include "table.hpp"
#include "threads.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <regex>

#include <unistd.h>

namespace
{
    // OpenMP and OpenBLAS read these when they are loaded, before main: so the program starts itself again.
    void prepare_libraries(char** arguments)
    {
        bool prepared = true;
        const auto set = [&](const char* name, const std::string& wanted)
        {
            const char* value = std::getenv(name);
            prepared = prepared && value && value == wanted;
            ::setenv(name, wanted.c_str(), 1);
        };
        for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"})
            set(name, std::to_string(bench::threads()));
        if (const std::string core = bench::better_openblas_core(); !core.empty() && !std::getenv("OPENBLAS_CORETYPE"))
            set("OPENBLAS_CORETYPE", core);
        if (!prepared)
            ::execv("/proc/self/exe", arguments);
    }

    struct options
    {
        std::string filter, json, svg;
        double seconds = 1;
        bool list = false;
    };

    std::vector<bench::row> rows_matching(const std::string& filter)
    {
        const std::regex wanted(filter);
        std::vector<bench::row> found;
        for (const auto kind : {bench::kind::training, bench::kind::prediction, bench::kind::kernel})
            for (const auto& row : bench::all_rows())
                if (row.kind == kind && std::regex_search(row.name, wanted) && (row.shares || bench::threads() == 1))
                    found.push_back(row);
        return found;
    }

    int run(const options& given)
    {
        const std::vector<bench::row> rows = rows_matching(given.filter);
        if (given.list)
            for (const auto& row : rows)
                std::cout << row.name << "\n";
        if (given.list)
            return 0;
        if (rows.empty())
            throw std::runtime_error("no row matches " + given.filter +
                                     (bench::threads() > 1 ? " (of several threads rows of networks make use)" : ""));
        bench::report report = bench::about_this_machine();
        bench::print_header(std::cout, report);
        for (const auto& row : rows)
        {
            report.outcomes.push_back(bench::measure(row, report.machine, given.seconds));
            bench::print_row(std::cout, report, report.outcomes.back());
        }
        if (!given.json.empty())
            bench::save_json(given.json, report);
        if (!given.svg.empty())
            bench::save_chart(given.svg, report);
        const bool failed =
            std::any_of(report.outcomes.begin(), report.outcomes.end(), [](const auto& o) { return !o.failure.empty(); });
        return failed ? 1 : 0;
    }
}

int main(int count, char** arguments)
{
    options given;
    CLI::App app("Times xgrad against other libraries and against the limits of this machine.");
    app.add_option("--filter", given.filter, "Only the rows in whose names this regular expression is found");
    app.add_option("--threads", bench::threads(), "Threads of every contestant; with more than one only rows of networks")
        ->capture_default_str()
        ->check(CLI::Range(1, 1024));
    app.add_option("--seconds", given.seconds, "Seconds for each row")->capture_default_str()->check(CLI::Range(0.001, 3600.));
    app.add_option("--json", given.json, "Write the results into this file");
    app.add_option("--svg", given.svg, "Draw the ratios into this file");
    app.add_flag("--list", given.list, "Only print the rows' names");
    CLI11_PARSE(app, count, arguments);
    prepare_libraries(arguments);
    try
    {
        return run(given);
    }
    catch (const std::exception& e)
    {
        std::cerr << "xgrad_bench: " << e.what() << "\n";
        return 2;
    }
}
