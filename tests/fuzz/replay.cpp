// SPDX-License-Identifier: BSD-3-Clause
// Runs a fuzz target over the files given as arguments, for compilers without libFuzzer.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments)
{
    for (int i = 1; i < count; ++i)
    {
        std::ifstream file{arguments[i], std::ios::binary};
        if (!file)
        {
            std::fprintf(stderr, "%s: cannot be opened\n", arguments[i]);
            return 1;
        }
        const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>{file}, {}};
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%d files replayed\n", count - 1);
    return count > 1 ? 0 : 1;
}
