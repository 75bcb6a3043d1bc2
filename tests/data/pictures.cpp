// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/augment.hpp>
#include <xgrad/data/normalise.hpp>
#include <xgrad/io/read_image.hpp>

#include <reference/reference.hpp>

#include <catch2/catch.hpp>

#include <set>

namespace
{
    using namespace xgrad::data;
    using Catch::Contains;
    using xgrad::io::image;

    template <class T>
    image<T> picture_of(const reference::array& from)
    {
        image<T> result(static_cast<std::size_t>(from.shape[0]), static_cast<std::size_t>(from.shape[1]),
                        static_cast<std::size_t>(from.shape[2]));
        std::ranges::transform(from.values, result.data(), [](double value) { return static_cast<T>(value); });
        return result;
    }

    template <class T>
    double difference(const image<T>& picture, const reference::array& expected)
    {
        double largest = picture.size() == expected.values.size() ? 0 : 1e9;
        for (std::size_t i = 0; i < picture.size(); ++i)
            largest = std::max(largest, std::abs(static_cast<double>(picture.data()[i]) - expected.values[i]));
        return largest;
    }

    // 1 2 3 / 4 5 6 .. in one or more planes
    image<int> numbered(std::size_t channels, std::size_t height, std::size_t width)
    {
        image<int> result(channels, height, width);
        std::iota(result.data(), result.data() + result.size(), 1);
        return result;
    }

    std::vector<int> values(const image<int>& picture) { return {picture.data(), picture.data() + picture.size()}; }

    random_numbers draw(std::uint64_t stream) { return {7, stream, random_numbers::use::augmentation}; }
}

TEST_CASE("pictures are resized as PyTorch and PIL do it", "[data]")
{
    const reference torch{"resize"};
    for (const char* name : {"shrink", "grow", "both", "half", "wide", "one", "from_one"})
    {
        INFO(name);
        const std::string of = std::string{name} + "/";
        const auto height = static_cast<std::size_t>(torch(of + "y").shape[1]),
                   width = static_cast<std::size_t>(torch(of + "y").shape[2]);
        auto bytes = picture_of<std::uint8_t>(torch(of + "a"));
        resize_antialiased(bytes, height, width);
        CHECK(difference(bytes, torch(of + "y")) == 0); // PIL's integers

        auto smooth = picture_of<float>(torch(of + "a"));
        resize_antialiased(smooth, height, width);
        CHECK(difference(smooth, torch(of + "smooth")) < 1e-3); // of 255

        auto plain = picture_of<float>(torch(of + "a"));
        resize(plain, height, width);
        CHECK(difference(plain, torch(of + "plain")) < 1e-3);
        auto rounded = picture_of<std::uint8_t>(torch(of + "a"));
        resize(rounded, height, width);
        CHECK(difference(rounded, torch(of + "plain")) <= 0.501);
    }
    image<float> photo(3, 30, 40);
    resize_shorter(photo, 20);
    CHECK(photo.shape_text() == "3x20x26");
    image<float> tall(1, 50, 20);
    resize_shorter(tall, 30);
    CHECK(tall.shape_text() == "1x75x30");
    CHECK_THROWS_WITH(resize(tall, 0, 3), "resize: 1x75x30 cannot become 0x3");
    image<float> none;
    CHECK_THROWS_WITH(resize_antialiased(none, 2, 3), "resize: 0x0x0 cannot become 2x3");
}

TEST_CASE("pictures are cut, padded and mirrored", "[data]")
{
    auto picture = numbered(2, 3, 3);
    crop(picture, 1, 1, 2, 2);
    CHECK(values(picture) == std::vector{5, 6, 8, 9, 14, 15, 17, 18});
    picture = numbered(1, 2, 3);
    crop(picture, -1, 1, 3, 4, 7); // partly outside
    CHECK(values(picture) == std::vector{7, 7, 7, 7, 2, 3, 7, 7, 5, 6, 7, 7});
    picture = numbered(1, 2, 2);
    crop(picture, 5, -9, 1, 2, 3); // wholly outside
    CHECK(values(picture) == std::vector{3, 3});
    picture = numbered(1, 1, 2);
    crop(picture, 0, 9, 1, 1, 4);
    CHECK(values(picture) == std::vector{4});
    picture = numbered(1, 1, 2);
    pad(picture, 1);
    CHECK(values(picture) == std::vector{0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0});
    picture = numbered(2, 2, 3);
    flip_horizontal(picture);
    CHECK(values(picture) == std::vector{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10});
    picture = numbered(1, 3, 2);
    flip_vertical(picture);
    CHECK(values(picture) == std::vector{5, 6, 3, 4, 1, 2});
    // the middle, as torchvision's CenterCrop finds it: Python rounds halves to even places
    for (const auto& [whole, part, start] : {std::array{5, 2, 2}, {7, 2, 2}, {4, 2, 1}, {9, 2, 4}, {3, 2, 0}, {5, 5, 0}})
    {
        picture = numbered(1, 1, static_cast<std::size_t>(whole));
        crop_centre(picture, 1, static_cast<std::size_t>(part));
        CHECK(picture(0, 0, 0) == start + 1);
    }
    picture = numbered(1, 1, 2);
    crop_centre(picture, 1, 5);
    CHECK(values(picture) == std::vector{0, 1, 2, 0, 0});
}

TEST_CASE("numbers for a network", "[data]")
{
    image<std::uint8_t> bytes(3, 1, 2);
    std::ranges::copy(std::array<std::uint8_t, 6>{0, 255, 51, 102, 255, 0}, bytes.data());
    const auto plain = normalise{}(bytes);
    CHECK(plain(0, 0, 1) == 1.f);
    CHECK(plain(1, 0, 0) == Approx(0.2));
    const auto imagenet = normalise::imagenet()(bytes);
    CHECK(imagenet(0, 0, 0) == Approx(-0.485 / 0.229));
    CHECK(imagenet(1, 0, 1) == Approx((0.4 - 0.456) / 0.224));
    CHECK(imagenet(2, 0, 0) == Approx((1 - 0.406) / 0.225));
    const auto one = normalise{{0.5f}, {0.5f}}(plain); // floats are from 0 to 1 already
    CHECK(one(0, 0, 1) == 1.f);
    CHECK(one(0, 0, 0) == -1.f);
    std::vector<double> wide(6);
    normalise{}(bytes, std::span{wide});
    CHECK(wide[2] == Approx(0.2));
    CHECK_THROWS_WITH(normalise({0.f, 0.f}, {1.f, 1.f})(bytes), "normalise: a picture of 3x1x2 does not fit 2 means");
    CHECK_THROWS_WITH(normalise{}(bytes, std::span{wide}.first(5)), "normalise: a picture of 3x1x2 does not fit 5 numbers");
    CHECK_THROWS_WITH(normalise({0.f}, {}), "normalise: there are 1 means, but 0 deviations");
}

TEST_CASE("random windows are everywhere and nowhere else", "[data]")
{
    std::set<int> seen;
    for (std::uint64_t i = 0; i < 400; ++i)
    {
        auto picture = numbered(1, 4, 4);
        auto random = draw(i);
        random_crop(picture, random, 4, 4, 1);
        CHECK(picture.shape_text() == "1x4x4");
        seen.insert(picture(0, 1, 1)); // 3 x 3 places
    }
    CHECK(seen == std::set{1, 2, 3, 5, 6, 7, 9, 10, 11});
    auto picture = numbered(1, 4, 4);
    auto random = draw(0);
    CHECK_THROWS_WITH(random_crop(picture, random, 6, 7, 1),
                      "random_crop: a window of 6x7 does not fit 1x4x4 with a margin of 1");

    int flipped = 0;
    for (std::uint64_t i = 0; i < 1000; ++i)
    {
        picture = numbered(1, 1, 2);
        auto own = draw(i);
        random_flip(picture, own);
        flipped += picture(0, 0, 0) == 2;
    }
    CHECK(std::abs(flipped - 500) < 60);
}

TEST_CASE("resized windows have the areas and proportions asked for", "[data]")
{
    double area = 0;
    for (std::uint64_t i = 0; i < 300; ++i)
    {
        image<float> picture(2, 40, 60); // the place in the picture is its colour
        for (std::size_t y = 0; y < 40; ++y)
            for (std::size_t x = 0; x < 60; ++x)
            {
                picture(0, y, x) = static_cast<float>(y);
                picture(1, y, x) = static_cast<float>(x);
            }
        auto random = draw(i);
        random_resized_crop(picture, random, 32, 32, {.smallest = 0.25});
        REQUIRE(picture.shape_text() == "2x32x32");
        const double height = (picture(0, 24, 0) - picture(0, 8, 0)) * 2, width = (picture(1, 0, 24) - picture(1, 0, 8)) * 2;
        CHECK((width / height > 0.70 && width / height < 1.42));
        CHECK(height * width > 0.22 * 2400);
        area += height * width / 2400 / 300;
    }
    CHECK((area > 0.5 && area < 0.68)); // 0.25 to 1 evenly, but the largest do not fit

    // no window fits: the middle, as wide as it may be
    image<float> wide(1, 10, 100);
    auto random = draw(0);
    random_resized_crop(wide, random, 5, 5, {.smallest = 1});
    CHECK(wide.shape_text() == "1x5x5");
}

TEST_CASE("erased windows have the areas asked for, lie anywhere and reach through all planes", "[data]")
{
    int erased = 0;
    double area = 0;
    bool alike = true;
    std::vector<int> hits(30 * 20);
    for (std::uint64_t i = 0; i < 1000; ++i)
    {
        auto picture = numbered(2, 20, 30);
        auto random = draw(i);
        random_erase(picture, random, 0.75, {.smallest = 0.1, .largest = 0.3, .narrowest = 0.5, .widest = 2}, -1);
        std::size_t top = 20, left = 30, bottom = 0, right = 0;
        for (std::size_t y = 0; y < 20; ++y)
            for (std::size_t x = 0; x < 30; ++x)
            {
                alike = alike && (picture(0, y, x) == -1) == (picture(1, y, x) == -1);
                if (picture(0, y, x) != -1)
                    continue;
                top = std::min(top, y), bottom = std::max(bottom, y + 1);
                left = std::min(left, x), right = std::max(right, x + 1);
                ++hits[y * 30 + x];
            }
        const auto count = std::count(picture.data(), picture.data() + 600, -1);
        if (count == 0)
            continue;
        ++erased;
        const auto height = static_cast<double>(bottom - top), width = static_cast<double>(right - left);
        REQUIRE(static_cast<double>(count) == height * width); // one whole window
        CHECK((width / height > 0.4 && width / height < 2.5));
        area += static_cast<double>(count) / 600;
    }
    CHECK(alike);
    CHECK(std::abs(erased - 750) < 50);
    CHECK(area / erased == Approx(0.2).margin(0.02));
    CHECK(std::ranges::count(hits, 0) == 0);
    image<float> none(1, 1, 1); // too small for a window
    auto random = draw(0);
    random_erase(none, random, 1, {1, 1, 1, 1}, 7.f);
    CHECK(none(0, 0, 0) == 0);
}

TEST_CASE("a photo becomes a network's input", "[data]")
{
    const std::filesystem::path file = std::filesystem::path{XGRAD_SAMPLES_DIR} / "rgb.jpg";
    // [photo]
    auto photo = xg::io::read_image(file);
    xg::data::resize_shorter(photo, 256);
    xg::data::crop_centre(photo, 224, 224);
    const auto input = xg::data::normalise::imagenet()(photo); // floats
    const auto one = input.batch();                            // [1, 3, 224, 224], an xtensor
    // [photo end]
    CHECK(one.shape() == std::array<std::size_t, 4>{1, 3, 224, 224});
    CHECK(one(0, 2, 100, 100) == input(2, 100, 100));
}
