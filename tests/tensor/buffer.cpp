// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/tensor/buffer.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

using namespace xgrad;

TEST_CASE("a buffer is zero and aligned, also in large pages", "[tensor]")
{
    for (const std::size_t bytes : {std::size_t(1), std::size_t(4096), 2 * large_page - 1, 2 * large_page, 3 * large_page + 5})
    {
        buffer data(bytes);
        CHECK(data.size() == bytes);
        CHECK(reinterpret_cast<std::uintptr_t>(data.data()) % alignment == 0);
        CHECK(std::count(data.data(), data.data() + bytes, std::byte(0)) == static_cast<std::ptrdiff_t>(bytes));
        data.data()[bytes - 1] = std::byte(7);
        const std::byte* const place = data.data();
        buffer moved = std::move(data);
        CHECK(moved.data() == place);
        CHECK(moved.data()[bytes - 1] == std::byte(7));
    }
    CHECK(buffer(0).data() == nullptr);
}

TEST_CASE("large pages are asked for within the memory that is given only", "[tensor]")
{
    ask_for_large_pages(nullptr, 0);
    buffer data(3 * large_page);
    for (const std::size_t first : {std::size_t(0), std::size_t(1), large_page - 1, 2 * large_page + 1})
        ask_for_large_pages(data.data() + first, data.size() - first);
    CHECK(data.data()[data.size() - 1] == std::byte(0));
}
