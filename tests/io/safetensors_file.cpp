// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/safetensors_file.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>

#include <sys/resource.h>
#include <unistd.h>

namespace
{
    using namespace xgrad::io;
    using Catch::Contains;
    using Catch::Equals;

    struct scratch_folder
    {
        std::filesystem::path path;
        scratch_folder()
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            path = ::mkdtemp(pattern.data());
        }
        ~scratch_folder() { std::filesystem::remove_all(path); }
        std::size_t files() const
        {
            return static_cast<std::size_t>(
                std::distance(std::filesystem::directory_iterator{path}, std::filesystem::directory_iterator{}));
        }
    };

    std::string file_text(std::string_view header, std::size_t data_bytes)
    {
        const std::uint64_t length = header.size();
        std::string text(8, '\0');
        std::memcpy(text.data(), &length, 8);
        text += header;
        for (std::size_t i = 0; i < data_bytes; ++i)
            text += static_cast<char>(i);
        return text;
    }

    std::string refusal(std::string_view text)
    {
        // On the heap and exactly as long, so that the address sanitizer sees a read beyond it.
        const std::vector<char> bytes(text.begin(), text.end());
        try
        {
            safetensors_file::parse(std::as_bytes(std::span{bytes}), "model.safetensors");
        }
        catch (const xgrad::file_error& error)
        {
            return error.what();
        }
        return "accepted";
    }

    std::string refusal_of_header(std::string_view header, std::size_t data_bytes = 0)
    {
        return refusal(file_text(header, data_bytes));
    }

    std::string content(const std::filesystem::path& path)
    {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    template <class T>
    entry entry_of(std::string name, const std::vector<T>& values, std::vector<std::int64_t> shape)
    {
        return {std::move(name), element_of<T>(), std::move(shape), std::as_bytes(std::span{values})};
    }

    template <class T>
    std::vector<T> numbers(element type, std::string_view bytes)
    {
        std::vector<T> values(bytes.size() / size_of(type));
        copy_to({"x", type, {}, std::as_bytes(std::span{bytes})}, std::span{values}, "f");
        return values;
    }
}

TEST_CASE("a written file is read back", "[io]")
{
    const scratch_folder folder;
    const auto path = folder.path / "model.safetensors";
    const std::vector<std::uint8_t> flags{1, 2, 3};
    const std::vector<float> weight{1.f, -2.f, 3.5f, 0.f, 5.f, 6.f};
    const std::vector<std::int64_t> steps{-7};
    const std::vector<entry> entries{entry_of("flags \"\u00e9\"\n", flags, {3}), entry_of("hidden.weight", weight, {2, 3}),
                                     entry_of("step", steps, {}), entry_of("nothing", std::vector<float>{}, {0, 4})};
    write_safetensors(path, entries, {{"format", "pt"}, {"a\"b", ""}});
    CHECK(folder.files() == 1);

    safetensors_file first{path};
    const safetensors_file file = std::move(first);
    CHECK(file.name() == path.string());
    CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}, {"a\"b", ""}});
    REQUIRE(file.entries().size() == 4);
    CHECK(file.find("absent") == nullptr);
    CHECK_THROWS_WITH(file.at("absent"), Equals(path.string() + ": there is no entry \"absent\""));

    const entry* hidden = file.find("hidden.weight");
    REQUIRE(hidden);
    CHECK(hidden->type == element::f32);
    CHECK(hidden->shape == std::vector<std::int64_t>{2, 3});
    std::vector<double> as_double(6);
    file.read("hidden.weight", std::span{as_double});
    CHECK(as_double == std::vector<double>(weight.begin(), weight.end()));
    std::vector<std::int64_t> step(1);
    file.read("step", std::span{step});
    CHECK(step == steps);
    std::vector<std::uint8_t> read_flags(3);
    file.read("flags \"\u00e9\"\n", std::span{read_flags});
    CHECK(read_flags == flags);

    // Every entry is aligned for its type, whatever the order in which entries were given.
    for (const entry& each : file.entries())
        CHECK(reinterpret_cast<std::uintptr_t>(each.bytes.data()) % size_of(each.type) == 0);

    std::vector<float> five(5);
    CHECK_THROWS_WITH(file.read("hidden.weight", std::span{five}),
                      Equals(path.string() + ": entry \"hidden.weight\": holds 6 numbers, shape [2, 3], but 5 are wanted"));
    CHECK_THROWS_WITH(file.read("flags \"\u00e9\"\n", std::span{five}.first(3)),
                      Contains("\\x0a\": holds U8, but a floating point type is wanted"));
    std::vector<std::int32_t> wrong(1);
    CHECK_THROWS_WITH(file.read("step", std::span{wrong}), Contains("holds I64, but I32 is wanted"));
}

TEST_CASE("small legal files are accepted", "[io]")
{
    CHECK(refusal_of_header("{}") == "accepted");
    CHECK(refusal_of_header("{}     \n") == "accepted");
    CHECK(refusal_of_header(R"({"__metadata__":{}})") == "accepted");
    CHECK(refusal_of_header(R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})", 4) == "accepted");
    CHECK(refusal_of_header(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},)"
                            R"("z":{"dtype":"U8","shape":[0],"data_offsets":[1,1]},)"
                            R"("a":{"data_offsets":[0,1],"dtype":"BOOL","shape":[1,1]}})",
                            3) == "accepted");
}

TEST_CASE("numbers of every type are converted", "[io]")
{
    using namespace std::string_view_literals;
    CHECK(numbers<float>(element::f16, "\x00\x3c\x00\xc0\x01\x00\xff\x03\xff\x7b\x00\xfc\x00\x80"sv) ==
          std::vector<float>{1.f, -2.f, 0x1p-24f, 0x3ffp-24f, 65504.f, -std::numeric_limits<float>::infinity(), -0.f});
    CHECK(std::isnan(numbers<float>(element::f16, "\x01\x7e"sv)[0]));
    CHECK(std::signbit(numbers<float>(element::f16, "\x00\x80"sv)[0]));
    CHECK(numbers<double>(element::bf16, "\x80\x3f\x49\x40"sv) == std::vector<double>{1., 3.140625});
    CHECK(numbers<float>(element::f64, "\0\0\0\0\0\0\xf0\x3f"sv) == std::vector<float>{1.f});
    CHECK(numbers<std::int16_t>(element::i16, "\xfe\xff"sv) == std::vector<std::int16_t>{-2});
    std::array<bool, 3> flags{};
    copy_to({"x", element::boolean, {3}, std::as_bytes(std::span{"\x00\x01\x07"sv})}, std::span<bool>{flags});
    CHECK(flags == std::array{false, true, true});

    static_assert(element_of<float>() == element::f32 && element_of<unsigned char>() == element::u8);
    static_assert(element_of<long long>() == element::i64 && element_of<bool>() == element::boolean);
    static_assert(element_named("BF16") == element::bf16 && !element_named("F8_E4M3"));
}

TEST_CASE("unaligned entries can be read", "[io]")
{
    const std::string text = file_text(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                       R"("b":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}})",
                                       9);
    const auto file = safetensors_file::parse(std::as_bytes(std::span{text}), "f");
    std::vector<double> value(1);
    file.read("b", std::span{value});
    CHECK(std::bit_cast<std::uint64_t>(value[0]) == 0x0807060504030201u);
}

TEST_CASE("hostile files are refused with a sentence", "[io]")
{
    const auto of = [](std::string_view fields, std::size_t data_bytes = 0)
    { return refusal_of_header("{\"a\":{" + std::string{fields} + "}}", data_bytes); };
    const std::string where = "model.safetensors: ";
    const std::string a = where + "entry \"a\": ";

    CHECK(refusal("abc") == where + "a safetensors file has at least 8 bytes, this one has 3");
    CHECK_THAT(refusal("\xff\xff\xff\xff\xff\xff\xff\xff{}"), Contains("claims 18446744073709551615 bytes, more than"));
    CHECK(refusal(std::string{"\x09\0\0\0\0\0\0\0{}", 10}) ==
          where + "the header claims 9 bytes, but only 2 follow; is the file complete?");
    CHECK(refusal(std::string(8, '\0')) == where + "the header must begin with '{'");
    CHECK(refusal_of_header("\xef\xbb\xbf{}") == where + "the header must begin with '{'");
    CHECK_THAT(refusal_of_header(std::string{"{}\0x", 4}), Contains("NUL byte"));
    CHECK_THAT(refusal_of_header("{}x"), Contains("not valid JSON: at byte 2: The document root must not be"));
    CHECK_THAT(refusal_of_header("{\"a\":"), Contains("not valid JSON"));
    CHECK_THAT(refusal_of_header("{\"\xff\":1}"), Contains("not valid JSON"));
    CHECK_THAT(refusal_of_header("{\"a\":1e999}"), Contains("not valid JSON"));
    CHECK(refusal_of_header(R"({"a":7})") == a + "must be an object, but is 7");
    CHECK(refusal_of_header(R"({"a":[[[[)") == a + "must be an object, but is an array");
    CHECK(refusal_of_header("{\"a\":" + std::string(100000, '[')) == a + "must be an object, but is an array");
    CHECK(refusal_of_header(R"({"__metadata__":null})") == where + "__metadata__: must be an object, but is null");
    CHECK(refusal_of_header(R"({"__metadata__":{"k":{}}})") == where + "metadata \"k\": must be a string, but is an object");
    CHECK(refusal_of_header(R"({"__metadata__":{"k":"","k":""}})") == where + "metadata \"k\" appears twice");

    CHECK(of("") == a + "dtype is missing");
    CHECK(of(R"("dtype":"U8","shape":[0])") == a + "data_offsets is missing");
    CHECK_THAT(of(R"("dtype":"F8_E4M3")"), Equals(a + "type \"F8_E4M3\" is unknown, expected F64, F32, F16, BF16, "
                                                      "I64 to I8, U64 to U8 or BOOL"));
    CHECK(of(R"("dtype":8)") == a + "dtype must be a string, but is 8");
    CHECK(of(R"("shape":"x")") == a + "shape must be an array, but is the string \"x\"");
    CHECK(of(R"("size":3)") == a + "unknown field \"size\", expected dtype, shape and data_offsets");
    CHECK(of(R"("shape":[],"shape":[])") == a + "shape appears twice");
    CHECK(of(R"("shape":[-1])") == a + "shape must hold whole numbers from 0 to 2^63 - 1, but holds -1");
    CHECK_THAT(of(R"("shape":[9223372036854775808])"), Contains("but holds 9223372036854775808"));
    CHECK_THAT(of(R"("shape":[1.5])"), Contains("but holds 1.5"));
    CHECK_THAT(of(R"("shape":[[1]])"), Contains("but holds an array"));
    CHECK_THAT(of("\"shape\":[1" + std::string(200, ' ') + ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1" +
                  ",1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]"),
               Contains("has more than 64 dimensions"));
    CHECK(of(R"("data_offsets":[0])") == a + "data_offsets must hold two numbers, but hold 1");
    CHECK(of(R"("data_offsets":[0,1,2])") == a + "data_offsets must hold two numbers, but hold more");
    CHECK_THAT(of(R"("data_offsets":[0,-1])"), Contains("from 0 to 2^64 - 1, but hold -1"));
    CHECK(of(R"("dtype":"U8","shape":[1],"data_offsets":[2,1])", 2) == a + "data_offsets [2, 1] are reversed");
    CHECK(of(R"("dtype":"U8","shape":[9],"data_offsets":[0,9])", 8) ==
          a + "data_offsets [0, 9] reach beyond the data area of 8 bytes");
    CHECK(of(R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0])") ==
          a + "more than 2^64 bytes by shape [4611686018427387904] and type F32");
    CHECK_THAT(of(R"("dtype":"F32","shape":[0,4611686018427387904,8],"data_offsets":[0,0])"), Contains("more than 2^64 bytes"));

    CHECK(refusal_of_header(R"({"hidden.weight":{"dtype":"F32","shape":[28,28],"data_offsets":[0,3000]}})", 3000) ==
          where + "entry \"hidden.weight\": 3136 bytes by shape [28, 28] and type F32, but data_offsets span 3000");
    CHECK(of(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])", 3) ==
          where + "the entries cover 1 bytes, but the data area has 3");
    CHECK(of(R"("dtype":"U8","shape":[2],"data_offsets":[1,3])", 3) ==
          a + "starts at 1, but data start at 0: the bytes between belong to no entry");
    const auto two = [](std::string_view second)
    {
        return refusal_of_header(
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8",)" + std::string{second} + "}}", 4);
    };
    CHECK(two(R"("shape":[3],"data_offsets":[1,4])") ==
          where + "entry \"b\": starts at 1, but entry \"a\" ends at 2: they overlap");
    CHECK(two(R"("shape":[1],"data_offsets":[3,4])") ==
          where + "entry \"b\": starts at 3, but entry \"a\" ends at 2: the bytes between belong to no entry");
    CHECK(refusal_of_header(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}})") ==
          where + "entry \"a\" appears twice");
    CHECK(refusal_of_header("{\"\\u001b[31m\":1}") == where + "entry \"\\x1b[31m\": must be an object, but is 1");
}

TEST_CASE("files that cannot be opened are refused", "[io]")
{
    const scratch_folder folder;
    CHECK_THROWS_WITH(safetensors_file{folder.path / "absent"}, Contains("absent: cannot be opened: No such file"));
    CHECK_THROWS_WITH(safetensors_file{folder.path}, Contains("is not a regular file"));
    CHECK_THROWS_WITH(safetensors_file{"/dev/zero"}, Equals("/dev/zero: is not a regular file"));
    std::ofstream{folder.path / "empty"};
    CHECK_THROWS_WITH(safetensors_file{folder.path / "empty"}, Contains("this one has 0"));
}

TEST_CASE("a write that fails leaves the old file", "[io]")
{
    const scratch_folder folder;
    const auto path = folder.path / "model.safetensors";
    const std::vector<float> weight(100000, 1.f);
    const std::vector<entry> good{entry_of("w", weight, {100000})};
    std::ofstream{path} << "old";

    const std::vector<entry> bad_shape{entry_of("w", weight, {3, 5})};
    CHECK_THROWS_WITH(write_safetensors(path, bad_shape),
                      Contains("60 bytes by shape [3, 5] and type F32, but 400000 are given"));
    const std::vector<entry> twice{good[0], good[0]};
    CHECK_THROWS_WITH(write_safetensors(path, twice), Contains("entry \"w\": appears twice"));
    const std::vector<entry> reserved{entry_of("__metadata__", weight, {100000})};
    CHECK_THROWS_WITH(write_safetensors(path, reserved), Contains("reserved"));
    const std::vector<entry> not_text{entry_of("\xff", weight, {100000})};
    CHECK_THROWS_WITH(write_safetensors(path, not_text), Contains("not valid UTF-8"));
    CHECK_THROWS_WITH(write_safetensors(path / "below", good), Contains("below: cannot be written: Not a directory"));
    CHECK_THROWS_WITH(write_safetensors(folder.path / "absent" / "file", good),
                      Contains("no temporary file beside it: No such file"));
    CHECK_THROWS_WITH(write_safetensors("/dev/full", good), Contains("is not a regular file"));
    CHECK_THROWS_WITH(write_safetensors(folder.path, good), Contains("is not a regular file"));
    CHECK(content(path) == "old");
    CHECK(folder.files() == 1);

    // A full disk, as far as a test can have one: no file may grow beyond 64 kB.
    rlimit old_limit;
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_limit) == 0);
    rlimit limit = old_limit;
    limit.rlim_cur = 65536;
    const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK_THROWS_WITH(write_safetensors(path, good), Contains("cannot be written: File too large"));
    ::setrlimit(RLIMIT_FSIZE, &old_limit);
    std::signal(SIGXFSZ, old_handler);
    CHECK(content(path) == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("a write keeps permissions and links", "[io]")
{
    namespace fs = std::filesystem;
    const scratch_folder folder;
    const auto path = folder.path / "model.safetensors";
    std::ofstream{path} << "old";
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    fs::create_symlink("model.safetensors", folder.path / "link");
    write_safetensors(folder.path / "link", {});
    CHECK(fs::is_symlink(folder.path / "link"));
    CHECK(safetensors_file{path}.entries().empty());
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
    CHECK(folder.files() == 2);
}
