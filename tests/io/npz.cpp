// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/npy_file.hpp>
#include <xgrad/io/npz.hpp>
#include <xgrad/nn/batch_norm.hpp>
#include <xgrad/nn/linear.hpp>

#include <catch2/catch.hpp>

#include <fstream>

#include <unistd.h>

namespace
{
    using namespace xgrad::io;
    using Catch::Contains;
    using namespace std::string_literals;

    struct classifier
    {
        xg::linear<3, 4> hidden;
        xg::batch_norm<4> norm;
        xg::linear<4, 2> output;
    };

    float number(std::size_t i) { return static_cast<float>(i % 64) * 0.5f * (i / 2 % 2 ? -1.f : 1.f); }

    const std::filesystem::path samples = XGRAD_SAMPLES_DIR;

    struct scratch_file
    {
        std::filesystem::path path =
            std::filesystem::temp_directory_path() / ("xgrad_npz_" + std::to_string(::getpid()) + ".npz");
        ~scratch_file() { std::filesystem::remove(path); }
    };

    std::string content(const std::filesystem::path& path)
    {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::string refusal(std::string_view text, bool check = true)
    {
        const std::vector<char> bytes(text.begin(), text.end()); // as long as the text, for the address sanitizer
        try
        {
            const auto file = npz_file::parse(std::as_bytes(std::span{bytes}), "w.npz");
            for (const entry& each : file.entries())
                if (check)
                    file.check(each);
        }
        catch (const xgrad::file_error& error)
        {
            return error.what();
        }
        return "accepted";
    }

    std::string npy_refusal(std::string_view dictionary, std::size_t data = 0)
    {
        const std::string text = "\x93NUMPY\x01\0"s + static_cast<char>(dictionary.size()) + '\0' + std::string{dictionary} +
                                 std::string(data, '\0');
        try
        {
            npy_file::parse(std::as_bytes(std::span{text}), "a.npy");
        }
        catch (const xgrad::file_error& error)
        {
            return error.what();
        }
        return "accepted";
    }

    std::string replaced(std::string text, std::string_view old, std::string_view by, std::size_t from = 0)
    {
        const std::size_t at = text.find(old, from);
        REQUIRE(at != text.npos);
        return text.replace(at, old.size(), by);
    }
}

TEST_CASE("NumPy's archives are loaded, stored and deflated", "[io]")
{
    for (const char* name : {"stored.npz", "deflated.npz"})
    {
        auto net = xg::network<classifier>(1);
        const npz_file file{samples / name};
        CHECK(file.entries().size() == 8);
        xg::load(net, file);
        for (const xg::named_span& span : net.spans())
            for (std::size_t i = 0; i < static_cast<std::size_t>(span.extents.size()); ++i)
                CHECK(reinterpret_cast<const float*>(span.data)[i] == number(i));
    }
}

TEST_CASE("archives are written and read back, in the zip64 form too", "[io]")
{
    const scratch_file file;
    auto net = xg::network<classifier>(1);
    const xt::xtensor<float, 1> before = net.parameters();
    for (const std::uint64_t large : {std::uint64_t{0xffffffff}, std::uint64_t{0}, std::uint64_t{200}})
    {
        write_npz(file.path, xg::detail::entries_of(net.spans()), large);
        auto again = xg::network<classifier>(2);
        xg::load(again, npz_file{file.path});
        CHECK((again.parameters() == before));
    }
    xg::save_npz(net, file.path);
    const npz_file whole{file.path};
    CHECK(whole.entries().front().name == "hidden.weight");
    CHECK(whole.entries().front().bytes.size() == 48); // uncompressed numbers are where they lie
    std::vector<double> weight(12);
    whole.read("hidden.weight", std::span{weight});
    CHECK(weight[5] == double{net[net.model.hidden.weight].data()[5]});
    CHECK_THROWS_WITH(whole.read("hidden.weight", std::span{weight}.first(3)),
                      Contains("holds 12 numbers, shape [4, 3], but 3"));
    CHECK_THROWS_WITH(whole.at("x"), file.path.string() + ": there is no entry \"x\"");
    write_npz(file.path, {});
    CHECK(npz_file{file.path}.entries().empty());
    const std::vector<entry> half{{"a", element::bf16, {0}, {}}};
    CHECK_THROWS_WITH(write_npz(file.path, half), Contains("entry \"a\": NumPy has no type for BF16"));
}

TEST_CASE("an entry of many pieces is inflated into its place", "[io]")
{
    // 3 MB of one byte, deflated by hand of zlib
    std::string text = npy_header_text(element::f32, std::vector<std::int64_t>{750000}, "");
    const std::size_t header = text.size();
    text.resize(header + 3000000, '\x01');
    std::string packed(::compressBound(text.size()), '\0');
    z_stream stream{};
    REQUIRE(::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);

    const auto archive = [&](std::uint64_t claimed, std::string_view data, std::string_view name = "a.npy")
    {
        detail::zip_text zip;
        for (const bool in_directory : {false, true})
        {
            const std::size_t start = zip.text.size();
            zip.four(in_directory ? 0x02014b50 : 0x04034b50);
            if (in_directory)
                zip.two(20);
            zip.two(20).two(0).two(8).two(0).two(0);
            zip.four(::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
            zip.four(data.size()).four(claimed).two(name.size()).two(0);
            if (in_directory)
                zip.two(0).two(0).two(0).four(0).four(0);
            zip.text += name;
            if (!in_directory)
                zip.text += data;
            else
                zip.four(0x06054b50).two(0).two(0).two(1).two(1).four(zip.text.size() - 12 - start).four(start).two(0);
        }
        return zip.text;
    };
    const std::string good = archive(text.size(), packed);
    const auto file = npz_file::parse(std::as_bytes(std::span{good}), "w.npz");
    std::vector<float> values(750000);
    file.check(file.entries()[0]);
    file.read("a", std::span{values});
    CHECK(std::ranges::all_of(values, [&](float v) { return v == values[0] && v > 0; }));

    // Bombs: claims are not believed, and what is inflated is thrown away.
    CHECK_THAT(refusal(archive(text.size() + 4, packed)),
               Contains("entry \"a\": 3000000 bytes by shape [750000] and type F32"));
    CHECK_THAT(refusal(archive(0xfffffff0, packed)), Contains("but 4294967152 follow the header"));
    CHECK_THAT(refusal(archive(text.size(), std::string_view{packed}.substr(0, packed.size() - 20))),
               Contains("w.npz: entry \"a\": its compressed data end too early"));
    CHECK_THAT(refusal(archive(text.size(), packed + "x")), Contains("holds more than it claims"));
    CHECK_THAT(refusal(archive(text.size(), packed, "a.txt")), Contains("its name must end with .npy"));
    std::string damaged = good;
    damaged[200] = static_cast<char>(~damaged[200]);
    CHECK_THAT(refusal(damaged), Contains("entry \"a\": "));
}

TEST_CASE("a damaged archive is refused and changes nothing", "[io]")
{
    auto net = xg::network<classifier>(1);
    const xt::xtensor<float, 1> before = net.parameters();
    for (const char* name : {"stored.npz", "deflated.npz"})
    {
        const std::string whole = content(samples / name);
        CHECK(refusal(whole) == "accepted");
        for (std::size_t size = 0; size < whole.size(); size += 7)
            CHECK_THAT(refusal(std::string_view{whole}.substr(0, size)), Contains("w.npz: "));
        // the last array's last number
        std::string damaged = whole;
        damaged[damaged.find("PK\1\2") - 2] ^= 0x40;
        const auto file = npz_file::parse(std::as_bytes(std::span{damaged}), "w.npz");
        CHECK_THROWS_WITH(xg::load(net, file), Contains("w.npz: entry \"output.bias\": "));
        CHECK((net.parameters() == before));
    }
}

TEST_CASE("hostile directories are refused with a sentence", "[io]")
{
    const std::string whole = content(samples / "stored.npz");
    const std::size_t directory = whole.find("PK\1\2"), end = whole.find("PK\5\6");
    CHECK_THAT(refusal("PK"), Contains("is not a zip archive"));
    CHECK_THAT(refusal(std::string(100, 'x')), Contains("is not a zip archive"));
    std::string text = whole;
    text[end + 10] = text[end + 8] = '\x09'; // nine entries
    CHECK_THAT(refusal(text), Contains("holds no entry at byte"));
    text = whole;
    text[end + 10] = '\x70';
    text[end + 11] = '\x70';
    CHECK_THAT(refusal(text), Contains("claims 28784 files, more than its"));
    text = whole;
    text[directory + 46] = 'H'; // another name than before the data
    CHECK_THAT(refusal(text), Contains("entry \"Hidden.weight.npy\": what stands before it contradicts the directory"));
    text = whole;
    text[directory + 8] |= 1;
    CHECK_THAT(refusal(text), Contains("is encrypted"));
    text = whole;
    text[directory + 10] = 12;
    CHECK_THAT(refusal(text), Contains("is compressed by method 12"));
    text = whole;
    text[directory + 24] = '\x7f'; // claims another size than it is stored in
    CHECK_THAT(refusal(text), Contains("bytes, but claims"));
    text = whole;
    for (const std::size_t at : {directory + 20, directory + 24})
        text[at + 3] = '\x7f';
    CHECK_THAT(refusal(text), Contains("reach beyond the files' end"));
    text = whole;
    for (const std::size_t at : {directory + 20, directory + 24}) // reaches into the next
        text[at] = '\xff';
    CHECK_THAT(refusal(text), Contains("overlap") && Contains("hidden.weight"));
    text = whole;
    text[end + 16] = static_cast<char>(text[end + 16] + 1);
    CHECK_THAT(refusal(text), Contains("the directory of the archive claims bytes"));
    text = replaced(whole, "'<f4'", "'|O8'");
    CHECK_THAT(refusal(text),
               Contains("entry \"hidden.weight\": the .npy header says type \"|O8\"") && Contains("Python objects"));
    CHECK_THAT(refusal(replaced(whole, "(4, 3)", "(4, 4)")), Contains("64 bytes by shape [4, 4] and type F32, but 48 follow"));
    // two entries of one name
    text = whole;
    const std::size_t second = text.find("PK\1\2", directory + 4);
    CHECK_THAT(refusal(replaced(text, "hidden.bias.npy", "norm.weight.npy", second)), Contains("contradicts"));
}

TEST_CASE("an .npy file is read row by row", "[io]")
{
    const npy_file file{samples / "columns.npy"}; // written column by column
    CHECK(file.shape() == std::vector<std::int64_t>{2, 3, 4});
    CHECK(file.type() == element::i32);
    std::vector<std::int32_t> values(24);
    file.read(std::span{values});
    for (int i = 0; i < 24; ++i)
        CHECK(values[static_cast<std::size_t>(i)] == i);
    CHECK_THROWS_WITH(file.read(std::span{values}.first(2)),
                      (samples / "columns.npy").string() + ": holds 24 numbers, shape [2, 3, 4], but 2 are wanted");
    const npy_file scalar{samples / "scalar.npy"};
    float value = 0;
    scalar.read(std::span{&value, 1});
    CHECK(value == 2.5f);
}

TEST_CASE("hostile .npy headers are refused with a sentence", "[io]")
{
    CHECK(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", 8) == "accepted");
    CHECK(npy_refusal("{\"shape\":(),'fortran_order':True,'descr':'|u1'}", 1) == "accepted");
    CHECK(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 9) ==
          "a.npy: 8 bytes by shape [2] and type F32, but 9 follow the header");
    CHECK_THAT(npy_refusal("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}"),
               Contains("says type \">f4\", expected little-endian"));
    CHECK_THAT(npy_refusal("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}"), Contains("describes records"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}"), Contains("fortran_order True or False"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}"), Contains("whole numbers as shape"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
               Contains("whole numbers as shape"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"),
               Contains("more than 2^64 bytes"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'shape': (2,)}"), Contains("lacks fortran_order"));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'descr': '<f4'}"), Contains("descr appears twice"));
    CHECK_THAT(npy_refusal("{'code': '<f4'}"), Contains("unknown field \"code\""));
    CHECK_THAT(npy_refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}; import os"), Contains("goes on after"));
    CHECK_THAT(npy_refusal(""), Contains("must go on with {"));
    const std::string cut = "\x93NUMPY\x02\0\xff\xff"s, vast = "\x93NUMPY\x02\0\xff\xff\xff\xff"s;
    CHECK_THROWS_WITH(npy_file::parse(std::as_bytes(std::span{cut}), "a.npy"), "a.npy: is cut off in its .npy header");
    CHECK_THROWS_WITH(npy_file::parse(std::as_bytes(std::span{vast}), "a.npy"), Contains("claims 4294967295 bytes, more than"));
    CHECK_THROWS_WITH(npy_file::parse({}, "a.npy"), Contains("is not a .npy array"));
}
