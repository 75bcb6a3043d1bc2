// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/augment.hpp>
#include <xgrad/data/image_folder.hpp>
#include <xgrad/data/loader.hpp>
#include <xgrad/io/write_image.hpp>

#include <catch2/catch.hpp>

#include <fstream>

#include <unistd.h>

namespace
{
    using namespace xgrad::data;
    using Catch::Contains;
    using xgrad::io::image;

    struct scratch_folder
    {
        std::filesystem::path path;
        scratch_folder()
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            path = ::mkdtemp(pattern.data());
        }
        ~scratch_folder() { std::filesystem::remove_all(path); }

        void picture(const std::string& name, std::uint8_t colour, std::size_t height = 8, std::size_t width = 6) const
        {
            image<std::uint8_t> all(3, height, width);
            std::ranges::fill(all.values(), colour);
            std::filesystem::create_directories((path / name).parent_path());
            xgrad::io::write_image(path / name, all);
        }
    };
}

TEST_CASE("folders are classes and files their pictures", "[data]")
{
    const scratch_folder folder;
    folder.picture("dog/b.png", 30);
    folder.picture("dog/a.BMP", 20);
    folder.picture("cat/deep/z.jpg", 10);
    folder.picture("cat/1.jpeg", 0);
    std::ofstream{folder.path / "cat/notes.txt"} << "no picture";
    std::ofstream{folder.path / "readme.png"} << "not in a class";
    const image_folder pictures{folder.path};
    CHECK(pictures.classes == std::vector<std::string>{"cat", "dog"});
    REQUIRE(pictures.size() == 4);
    CHECK(pictures.name(0) == folder.path / "cat/1.jpeg");
    CHECK(pictures.name(1) == folder.path / "cat/deep/z.jpg");
    CHECK(pictures.name(2) == folder.path / "dog/a.BMP");
    image<std::uint8_t> item;
    CHECK(pictures.read(3, item) == 1);
    CHECK(item.shape_text() == "3x8x6");
    CHECK(item(2, 7, 5) == 30);

    auto batches = loader<float, 3, 4, 4>(
        pictures, {.batch_size = 4, .shuffle = false, .threads = 2},
        [](auto& picture, auto& random) { random_resized_crop(picture, random, 4, 4); }, normalise{{0.f}, {1.f / 255}});
    for (const auto& batch : batches.epoch(0))
    {
        CHECK((batch.labels == xt::xtensor<std::int32_t, 1>{0, 0, 1, 1}));
        for (std::size_t i = 0; i < 4; ++i)
            CHECK(batch.images(i, 1, 2, 3) == Approx(i * 10).margin(1e-4));
    }
    const image_folder grey{folder.path, {.channels = 1}};
    grey.read(0, item);
    CHECK(item.shape_text() == "1x8x6");
}

TEST_CASE("a damaged picture is reported by its name, wherever it is read", "[data]")
{
    const scratch_folder folder;
    for (int i = 0; i < 30; ++i)
        folder.picture("a/" + std::to_string(100 + i) + ".png", 1);
    const auto broken = folder.path / "a" / "117.png";
    std::filesystem::resize_file(broken, std::filesystem::file_size(broken) - 20);
    for (const std::size_t threads : {0u, 3u})
    {
        auto batches = loader<float, 3, 8, 6>(image_folder{folder.path}, {.batch_size = 4, .threads = threads});
        const auto walk = [&]
        {
            for ([[maybe_unused]] const auto& batch : batches.epoch(0))
                ;
        };
        CHECK_THROWS_WITH(walk(), broken.string() + ": is no whole PNG picture: is cut off");
    }
    auto wrong = loader<float, 3, 8, 8>(image_folder{folder.path}, {.batch_size = 4, .shuffle = false});
    CHECK_THROWS_WITH(wrong.epoch(0).begin(), (folder.path / "a" / "100.png").string() +
                                                  ": the stages made 3x8x6 of it, but the loader's items are 3x8x8");
}

TEST_CASE("folders that hold no classes are refused", "[data]")
{
    const scratch_folder folder;
    CHECK_THROWS_WITH(image_folder{folder.path}, folder.path.string() + ": holds no folder for each class with .png, .jpg, "
                                                                        ".jpeg or .bmp files in it");
    CHECK_THROWS_WITH(image_folder{folder.path / "none"}, Contains("none: cannot be read as a folder: No such file"));
    folder.picture("a/1.png", 1);
    std::filesystem::create_directory(folder.path / "empty");
    CHECK_THROWS_WITH(image_folder{folder.path}, Contains("empty: the folder of a class holds no .png"));
}
