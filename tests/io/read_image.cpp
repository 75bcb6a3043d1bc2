// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/io/npz_file.hpp>
#include <xgrad/io/read_image.hpp>
#include <xgrad/io/write_image.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>

#include <unistd.h>

namespace
{
    using namespace xgrad::io;
    using Catch::Contains;
    using namespace std::literals;

    const std::filesystem::path samples = XGRAD_SAMPLES_DIR;

    struct scratch_folder
    {
        std::filesystem::path path;
        scratch_folder()
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            path = ::mkdtemp(pattern.data());
        }
        ~scratch_folder() { std::filesystem::remove_all(path); }
    };

    std::string content(const std::filesystem::path& path)
    {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    std::string refusal(std::string_view text, const image_options& options = {})
    {
        const std::vector<char> bytes(text.begin(), text.end()); // as long as the text, for the address sanitizer
        image<std::uint8_t> picture;
        try
        {
            decode_image(std::as_bytes(std::span{bytes}), picture, "photo", options);
        }
        catch (const xgrad::file_error& error)
        {
            return error.what();
        }
        return "accepted";
    }

    int largest_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b)
    {
        int largest = a.size() == b.size() ? 0 : 256;
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            largest = std::max(largest, std::abs(a[i] - b[i]));
        return largest;
    }
}

TEST_CASE("pictures are read as PIL reads them", "[io]")
{
    const npz_file expected{samples / "pictures.npz"};
    image<std::uint8_t> picture; // its memory serves all of them
    int seen = 0;
    for (const entry& each : expected.entries())
    {
        const bool grey = each.name.ends_with("/grey");
        const std::string file = each.name.substr(0, each.name.size() - (grey ? 5 : 0));
        INFO(file << (grey ? " in grey" : ""));
        read_image(samples / file, picture, {.channels = grey ? 1u : 3u});
        REQUIRE(picture.shape_text() == (grey ? "1x10x13" : "3x10x13"));
        std::vector<std::uint8_t> values(picture.size());
        expected.read(each.name, std::span{values});
        // JPEG is decoded alike to the bit by the same library; others may differ by a step.
        CHECK(largest_difference(picture.values(), values) <= (file.ends_with(".jpg") ? 2 : 0));
        ++seen;
    }
    CHECK(seen == 34);
    CHECK(read_image(samples / "rgb.png")(1, 9, 12) == (9 * 25 + 12 * 3) % 256);
    CHECK(read_image(samples / "rgb.png").tensor()(0, 0, 2) == 38);
}

TEST_CASE("a photo stands upright, however the camera was held", "[io]")
{
    const npz_file expected{samples / "turned.npz"};
    const auto stored = read_image(samples / "turned_1.jpg");
    for (int orientation = 1; orientation <= 8; ++orientation)
    {
        const std::string name = "turned_" + std::to_string(orientation) + ".jpg";
        INFO(name);
        const auto picture = read_image(samples / name);
        CHECK(picture.shape_text() == (orientation > 4 ? "3x13x10" : "3x10x13"));
        std::vector<std::uint8_t> values(picture.size());
        expected.read(name, std::span{values});
        CHECK(largest_difference(picture.values(), values) <= 2);
        CHECK(largest_difference(read_image(samples / name, {.upright = false}).values(), stored.values()) == 0);
    }
    const auto grey = read_image(samples / "turned_6.jpg", {.channels = 1});
    CHECK(grey.shape_text() == "1x13x10");

    // the other order of bytes, and notes that are damaged or hostile
    const auto read = [](std::string_view segment) { return exif_orientation(std::as_bytes(std::span{segment})); };
    const std::string big = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"s;
    CHECK(read(big) == 6);
    for (std::size_t size = 0; size < big.size() - 2; ++size)
    {
        const std::vector<char> cut(big.data(), big.data() + size); // as long as that, for the address sanitizer
        CHECK(read({cut.data(), cut.size()}) == 1);
    }
    const auto changed = [&](std::size_t at, std::string_view bytes)
    { return std::string{big}.replace(at, bytes.size(), bytes); };
    CHECK(read(changed(25, "\x09"sv)) == 1);
    CHECK(read(changed(10, "\xff\xff\xff\xff"sv)) == 1); // the directory is far away
    CHECK(read(changed(14, "\xff\xff"sv)) == 6);         // more entries than there are, but the one sought comes first
    CHECK(read(changed(16, "\x02"sv)) == 1);
    CHECK(read("http://ns.adobe.com/xap/1.0/") == 1);
}

TEST_CASE("pictures are written and read back", "[io]")
{
    const scratch_folder folder;
    const auto picture = read_image(samples / "rgb.png"), grey = read_image(samples / "rgb.png", {.channels = 1});
    for (const char* name : {"a.png", "a.bmp", "a.PNG"})
    {
        write_image(folder.path / name, picture);
        CHECK(largest_difference(read_image(folder.path / name).values(), picture.values()) == 0);
        write_image(folder.path / name, grey);
        CHECK(largest_difference(read_image(folder.path / name, {.channels = 1}).values(), grey.values()) == 0);
    }
    image<std::uint8_t> smooth{3, 33, 65};
    for (std::size_t y = 0; y < 33; ++y)
        for (std::size_t x = 0; x < 65; ++x)
            smooth(0, y, x) = smooth(1, y, x) = smooth(2, y, x) = static_cast<std::uint8_t>(x * 2 + y);
    for (const char* name : {"a.jpg", "a.jpeg"})
    {
        write_image(folder.path / name, smooth);
        CHECK(largest_difference(read_image(folder.path / name).values(), smooth.values()) <= 3);
    }
    write_image(folder.path / "bad.jpg", smooth, 5);
    CHECK(std::filesystem::file_size(folder.path / "bad.jpg") < std::filesystem::file_size(folder.path / "a.jpg"));
    CHECK_THROWS_WITH(write_image(folder.path / "a.gif", picture), Contains("a.gif: a picture is written as .png"));
    CHECK_THROWS_WITH(write_image(folder.path / "a.png", image<std::uint8_t>{2, 3, 4}), Contains("this one is 2x3x4"));
    CHECK_THROWS_WITH(write_image(folder.path / "none" / "a.png", picture), Contains("a.png: cannot be written"));
}

TEST_CASE("a picture cut short anywhere is refused", "[io]")
{
    for (const char* name :
         {"rgb.png", "interlaced.png", "palette.png", "rgb.jpg", "progressive.jpg", "rgb.bmp", "palette.bmp"})
    {
        const std::string whole = content(samples / name);
        CHECK(refusal(whole) == "accepted");
        // a JPEG without its very last bytes has all its pixels; libjpeg warns of it, and so it is refused as well
        for (std::size_t size = 0; size < whole.size(); size += 1 + size / 40)
        {
            INFO(name << " cut to " << size);
            CHECK_THAT(refusal(std::string_view{whole}.substr(0, size)), Contains("photo: "));
        }
    }
}

TEST_CASE("damaged pictures are refused or read, never more", "[io]")
{
    for (const char* name : {"palette.png", "rgb.jpg", "progressive.jpg", "masks.bmp", "one_bit.bmp"})
    {
        const std::string whole = content(samples / name);
        for (std::size_t at = 0; at < whole.size(); at += 3)
        {
            std::string damaged = whole;
            damaged[at] = static_cast<char>(~damaged[at]);
            const std::string text = refusal(damaged, {.largest = 100000});
            CHECK((text == "accepted" || text.starts_with("photo: ")));
        }
    }
    std::string damaged = content(samples / "rgb.png");
    damaged[damaged.find("IDAT") + 8] ^= 1;
    CHECK_THAT(refusal(damaged), Contains("photo: is no whole PNG picture: "));
}

TEST_CASE("pictures that claim too much are refused before memory is taken", "[io]")
{
    std::string png = content(samples / "rgb.png");
    CHECK_THAT(refusal(png, {.largest = 129}), Contains("claims 13 x 10 pixels, more than the allowed 129"));
    std::string jpeg = content(samples / "rgb.jpg");
    const std::size_t frame = jpeg.find("\xff\xc0");
    jpeg.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
    CHECK_THAT(refusal(jpeg), Contains("claims 65500 x 65500 pixels, more than the allowed 67108864 of image_options::largest"));
    std::string bmp = content(samples / "rgb.bmp");
    bmp.replace(18, 8, "\xff\xff\xff\x7f\xff\xff\xff\x7f");
    CHECK_THAT(refusal(bmp), Contains("claims 2147483647 x 2147483647 pixels of 24 bits, but has only 454 bytes"));
    bmp.replace(18, 8, "\0\0\0\0\1\0\0\0"s);
    CHECK_THAT(refusal(bmp), Contains("has no pixels"));
}

TEST_CASE("what is no picture is refused by name", "[io]")
{
    CHECK(refusal("GIF89a...") == "photo: is neither a PNG nor a JPEG nor a BMP picture; it begins with \"GIF89a..\"");
    CHECK(refusal("") == "photo: is empty");
    CHECK_THROWS_WITH(read_image("/nowhere/a.png"), "/nowhere/a.png: cannot be opened: No such file or directory");
    CHECK_THROWS_WITH(read_image(samples / "rgb.png", {.channels = 4}), Contains("a picture has 1 or 3 channels, not 4"));
    std::string bmp = content(samples / "rgb.bmp");
    bmp[30] = 1;
    CHECK_THAT(refusal(bmp), Contains("photo: as a BMP picture: is compressed by method 1"));
    bmp[30] = 0;
    bmp[28] = 7;
    CHECK_THAT(refusal(bmp), Contains("has 7 bits a pixel"));
}

TEST_CASE("an image is an xtensor and the other way round", "[io]")
{
    const xt::xtensor<float, 3> from{{{1, 2, 3}, {4, 5, 6}}};
    image<float> picture{from};
    CHECK(picture.shape_text() == "1x2x3");
    CHECK((picture.tensor() == from));
    CHECK_THROWS_WITH(image<float>(xt::xtensor<float, 2>{{1, 2}}),
                      Contains("must be [channels, height, width], but has 2 axes"));
    picture.replace(1, 3, 2, [](const float* old, float* fresh) { std::copy_n(old, 6, fresh); });
    CHECK(picture(0, 2, 1) == 6);
}
