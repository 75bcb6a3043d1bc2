// SPDX-License-Identifier: BSD-3-Clause
// One program for all machines: its model is compiled for AVX-512, AVX2 and SSE2 (the line below is what CMake reads in
// this folder; elsewhere: xgrad_add_dispatched_sources(my_program digits.cpp ARCHITECTURES avx512 avx2 sse2)), and the
// best that the machine knows runs. 18_dispatch [ARCHITECTURE] runs what a weaker machine would.
// dispatched: dispatch/digits.cpp
#include "dispatch/digits.hpp"

#include <xgrad/kernel/dispatch.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <iostream>
#include <string_view>

int main(int argc, char** argv)
try
{
    // [dispatch]
    const std::unique_ptr<digits> best = xg::dispatch(make_digits{}, 1u);
    // [dispatch end]
    const std::string limit = argc > 1 ? argv[1] : best->architecture();
    // [at most]
    const std::unique_ptr<digits> classify = xg::dispatch_at_most(limit, make_digits{}, 1u);
    // [at most end]

    std::array<float, 784> image{};
    for (std::size_t i = 0; i < image.size(); ++i)
        image[i] = static_cast<float>(i * i % 97) / 97;
    int digit = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int k = 0; k < 10'000; ++k)
        digit = (*classify)(image);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
    std::cout << "this machine knows " << best->architecture() << "; with " << classify->architecture()
              << " an untrained network takes the image for a " << digit << ", in " << time.count() / 10'000 << " us\n";
}
catch (const std::exception& e)
{
    std::cerr << e.what() << "\n";
    return 1;
}
