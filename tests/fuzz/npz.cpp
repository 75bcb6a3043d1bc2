// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/npy_file.hpp>
#include <xgrad/io/npz_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

namespace
{
    using namespace xgrad::io;

    template <class T>
    void read(const auto& file, const entry& each, std::size_t count)
    {
        std::vector<T> numbers(count);
        try
        {
            file.read(each.name, std::span{numbers});
        }
        catch (const xgrad::file_error&)
        {
        }
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span{data, size});
    try
    {
        const auto file = npy_file::parse(bytes, "fuzz");
        std::vector<float> numbers(file.size());
        file.read(std::span{numbers});
    }
    catch (const xgrad::file_error&)
    {
    }
    try
    {
        const auto file = npz_file::parse(bytes, "fuzz");
        for (const entry& each : file.entries())
        {
            if (file.find(each.name) != &each)
                std::abort();
            // what a network asks for is bounded by the network, not by the file
            const std::size_t count = *bytes_of(each.shape, each.type) / size_of(each.type);
            if (count > 1u << 20)
                continue;
            read<float>(file, each, count);
            read<std::int32_t>(file, each, count);
            read<std::uint8_t>(file, each, count + 1);
            file.check(each);
        }
    }
    catch (const xgrad::file_error&)
    {
    }
    return 0;
}
