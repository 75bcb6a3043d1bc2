// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/safetensors_file.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

namespace
{
    using namespace xgrad::io;

    template <class T>
    void copy(const entry& each, std::size_t size)
    {
        std::vector<T> numbers(size);
        try
        {
            copy_to(each, std::span{numbers});
        }
        catch (const xgrad::file_error&)
        {
        }
    }

    void read(std::span<const std::byte> bytes)
    {
        try
        {
            const auto file = safetensors_file::parse(bytes, "fuzz");
            std::size_t covered = 0;
            for (const entry& each : file.entries())
            {
                covered += each.bytes.size();
                if (file.find(each.name) != &each || bytes_of(each.shape, each.type) != each.bytes.size())
                    std::abort();
                const std::size_t size = each.bytes.size() / size_of(each.type);
                copy<float>(each, size);
                copy<double>(each, size);
                copy<std::int32_t>(each, size);
                copy<std::int64_t>(each, size);
                copy<std::uint8_t>(each, size + 1);
            }
            if (covered > bytes.size())
                std::abort();
        }
        catch (const xgrad::file_error&)
        {
        }
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    read(std::as_bytes(std::span{data, size}));
    if (size < 8)
        return 0;
    // Once more with a header length that fits, which a fuzzer seldom hits.
    std::vector<std::uint8_t> fitted(data, data + size);
    std::uint64_t length = 0;
    std::memcpy(&length, data, 8);
    length %= size - 7;
    std::memcpy(fitted.data(), &length, 8);
    read(std::as_bytes(std::span{fitted}));
    return 0;
}
