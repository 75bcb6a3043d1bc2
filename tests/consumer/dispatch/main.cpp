// SPDX-License-Identifier: BSD-3-Clause
// consumer [the architecture that this machine must choose]: calls every architecture that the machine knows.
#include "model.hpp"

#include <xgrad/kernel/dispatch.hpp>

#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <string_view>

int main(int count, char** arguments)
{
    std::array<float, 20> x{};
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<float>(i) / 10 - 1;
    int failures = 0;
    const auto check = [&](bool holds, const char* what)
    {
        if (!holds)
            std::printf("failed: %s\n", what), ++failures;
    };

    const answer best = xg::dispatch(ask{}, x);
    std::printf("this machine runs %s\n", best.architecture.c_str());
    check(count < 2 || best.architecture == arguments[1], "the best architecture is not the one expected");
    check(norm(std::vector<float>(100, 2.f)) == 500 && compiled_for() == "sse2", "the program itself runs other code");

    bool reached = false;
    for (const std::string_view limit : {"avx512", "avx2", "avx", "sse4.2", "sse2"})
    {
        reached = reached || limit == best.architecture;
        const answer limited = xg::dispatch_at_most(limit, ask{}, x);
        check(limited.architecture == (reached ? limit : best.architecture), "another architecture than the limit");
        check(limited.inline_function == limited.architecture, "an inline function of another architecture");
        check(limited.values.size() == best.values.size(), "no values");
        for (std::size_t i = 0; i < best.values.size(); ++i)
            check(std::abs(limited.values[i] - best.values[i]) < 1e-5f, "values differ");
    }
    check(std::abs(best.values.back() - 10) < 1, "the norm");

    try
    {
        xg::dispatch_at_most("neon64", ask{}, x);
        check(false, "an architecture that nobody asked for");
    }
    catch (const xg::error& e)
    {
        check(e.what() == std::string_view("no code is built for \"neon64\"; there are avx512, avx2, avx, sse4.2, sse2"),
              e.what());
    }
    try
    {
        xg::dispatch(fail{});
        check(false, "no exception");
    }
    catch (const std::runtime_error& e)
    {
        check(e.what() == std::string_view("thrown on purpose"), e.what());
    }
    return failures;
}
