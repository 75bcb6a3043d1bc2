// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/idx.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

namespace
{
    using Catch::Contains;
    using Catch::Equals;
    using xgrad::data::read_idx;
    using namespace std::string_view_literals;

    // A file that vanishes at the end of the test.
    struct scratch_file
    {
        std::filesystem::path path;
        explicit scratch_file(std::string_view content)
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            ::close(::mkstemp(pattern.data()));
            path = pattern;
            std::ofstream{path, std::ios::binary} << content;
        }
        ~scratch_file() { std::filesystem::remove(path); }
    };

    std::string refusal(std::string_view content)
    {
        const scratch_file file{content};
        try
        {
            read_idx(file.path);
        }
        catch (const xgrad::file_error& error)
        {
            const std::string text = error.what();
            REQUIRE(text.starts_with(file.path.string() + ": "));
            return text.substr(file.path.string().size() + 2);
        }
        return "accepted";
    }

    std::string gzipped(std::string_view content)
    {
        const scratch_file file{""};
        const gzFile out = ::gzopen(file.path.c_str(), "wb");
        ::gzwrite(out, content.data(), static_cast<unsigned>(content.size()));
        ::gzclose(out);
        std::ifstream in{file.path, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    constexpr auto two_by_three = "\0\0\x08\x02\0\0\0\x02\0\0\0\x03\x01\x02\x03\x04\x05\xff"sv;
}

TEST_CASE("an IDX file is read, plain or gzipped", "[data]")
{
    for (const std::string& content : {std::string{two_by_three}, gzipped(two_by_three)})
    {
        const scratch_file file{content};
        const auto array = read_idx(file.path);
        CHECK(array.shape == std::vector<std::int64_t>{2, 3});
        CHECK(array.values == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 255});
    }
    CHECK(refusal("\0\0\x08\x01\0\0\0\0"sv) == "accepted");
}

TEST_CASE("an IDX file larger than one piece is read", "[data]")
{
    std::string content{"\0\0\x08\x01\0\x30\0\0"sv};
    for (int i = 0; i < 0x300000; ++i)
        content += static_cast<char>(i >> 8);
    const scratch_file file{gzipped(content)};
    const auto array = read_idx(file.path);
    REQUIRE(array.values.size() == 0x300000);
    CHECK(array.values[0x2fffff] == 0xff);
    CHECK(array.values[0x123456] == 0x34);
}

TEST_CASE("hostile IDX files are refused with a sentence", "[data]")
{
    CHECK(refusal("") == "an IDX file has at least 4 bytes, this one has 0");
    CHECK(refusal("PNG!") == "is not an IDX file: it must begin with two zero bytes, but begins with 80 and 78");
    CHECK(refusal("\0\0\x0d\x01"sv) == "holds IDX element type 13, but unsigned bytes (8) are wanted");
    CHECK(refusal("\0\0\x08\0"sv) == "has no dimensions");
    CHECK(refusal("\0\0\x08\x02\0\0\0\x02\0\0"sv) == "is cut off: its header announces 2 dimensions, but holds 1");
    CHECK(refusal(two_by_three.substr(0, 16)) == "is cut off: it announces 2x3 = 6 values, but holds 4");
    CHECK(refusal(std::string{two_by_three} + "x") == "holds more than the 2x3 = 6 values it announces");
    CHECK(refusal("\0\0\x08\x01\xff\xff\xff\xff"sv) == "is cut off: it announces 4294967295 = 4294967295 values, but holds 0");
    CHECK_THAT(refusal("\0\0\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv),
               Contains("announces 4294967295x4294967295x4294967295 values, more than the allowed 4294967296"));

    const std::string packed = gzipped(two_by_three);
    CHECK(refusal(std::string_view{packed}.substr(0, packed.size() - 9)) == "is cut off: its compressed data end too early");
    std::string damaged = packed;
    damaged[packed.size() - 6] = static_cast<char>(~damaged[packed.size() - 6]);
    CHECK_THAT(refusal(damaged), Contains("cannot be decompressed: ") && Contains("incorrect data check"));
    CHECK(refusal(gzipped(two_by_three.substr(0, 17))) == "is cut off: it announces 2x3 = 6 values, but holds 5");
}

TEST_CASE("an IDX file that cannot be opened is refused", "[data]")
{
    CHECK_THROWS_WITH(read_idx("/nowhere/file"), Equals("/nowhere/file: cannot be opened: No such file or directory"));
    CHECK_THROWS_WITH(read_idx("/"), Equals("/: is a folder, not an IDX file"));
}
