// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/read_image.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace xgrad::io;
    static image<std::uint8_t> picture;
    try
    {
        decode_image(std::as_bytes(std::span{data, size}), picture, "fuzz",
                     {.channels = size % 2 ? 3u : 1u, .largest = 1u << 18});
        unsigned sum = 0;
        for (const std::uint8_t value : picture.values())
            sum += value;
        if (picture.size() == 0 || sum > 255 * picture.size())
            std::abort();
    }
    catch (const xgrad::file_error&)
    {
    }
    return 0;
}
