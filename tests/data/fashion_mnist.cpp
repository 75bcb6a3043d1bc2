// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/fashion_mnist.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <string_view>

#include <unistd.h>

namespace
{
    using namespace xgrad::data;
    using Catch::Contains;
    using namespace std::string_view_literals;

    struct scratch_folder
    {
        std::filesystem::path path;
        scratch_folder()
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            path = ::mkdtemp(pattern.data());
        }
        ~scratch_folder() { std::filesystem::remove_all(path); }
        std::filesystem::path file(const char* name, std::string_view content) const
        {
            std::ofstream{path / name, std::ios::binary} << content;
            return path / name;
        }
    };

    constexpr auto two_images = "\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02\0\xff\x33\x66"sv;
    constexpr auto two_labels = "\0\0\x08\x01\0\0\0\x02\x09\0"sv;
}

TEST_CASE("images and labels of the MNIST format are read", "[data]")
{
    const scratch_folder folder;
    const auto images = folder.file("images", two_images);
    const auto labels = folder.file("labels", two_labels);
    const auto rows = mnist(images, labels);
    CHECK(rows.images == xt::xtensor<float, 2>{{0.f, 1.f}, {0.2f, 0.4f}});
    CHECK(rows.labels == xt::xtensor<std::int32_t, 1>{9, 0});
    CHECK(rows.size() == 2);
    CHECK(rows.classes.size() == 10);
    CHECK(mnist<2>(images, labels).images.shape() == std::array<std::size_t, 3>{2, 1, 2});
    CHECK(mnist<3>(images, labels).images.shape() == std::array<std::size_t, 4>{2, 1, 1, 2});
}

TEST_CASE("images and labels that do not fit are refused", "[data]")
{
    const scratch_folder folder;
    const auto images = folder.file("images", two_images);
    const auto labels = folder.file("labels", two_labels);
    CHECK_THROWS_WITH(mnist(labels, labels), Contains("labels: images have 3 dimensions, these have 1"));
    CHECK_THROWS_WITH(mnist(images, images), Contains("images: labels have 1 dimension, these have 3"));
    CHECK_THROWS_WITH(mnist(images, labels, {"a", "b"}), Contains("label 0 is 9, but there are 2 classes"));
    const auto one = folder.file("one", "\0\0\x08\x01\0\0\0\x01\x09"sv);
    CHECK_THROWS_WITH(mnist(images, one), Contains("images: holds 2 images, but ") && Contains("one holds 1 labels"));
}

TEST_CASE("Fashion-MNIST is found in a folder, plain or gzipped", "[data]")
{
    const scratch_folder folder;
    folder.file("t10k-images-idx3-ubyte", two_images);
    folder.file("t10k-labels-idx1-ubyte", two_labels);
    const auto test = fashion_mnist(split::test, folder.path);
    CHECK(test.size() == 2);
    CHECK(test.classes[9] == "ankle boot");
    CHECK_THROWS_WITH(fashion_mnist(split::train, folder.path),
                      Contains("there is no train-images-idx3-ubyte.gz and no train-images-idx3-ubyte in the folder " +
                               folder.path.string()) &&
                          Contains("dataset-fashion-mnist") && Contains("XGRAD_FASHION_MNIST"));
    ::setenv("XGRAD_FASHION_MNIST", folder.path.c_str(), 1);
    CHECK(fashion_mnist(split::test).size() == 2);
    ::unsetenv("XGRAD_FASHION_MNIST");
}

TEST_CASE("Debian's Fashion-MNIST is whole", "[data]")
{
    if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
    {
        WARN("dataset-fashion-mnist is not installed");
        return;
    }
    const auto test = fashion_mnist(split::test, "/usr/share/datasets/fashion-mnist");
    CHECK(test.images.shape() == std::array<std::size_t, 2>{10000, 784});
    std::array<int, 10> times{};
    for (const auto label : test.labels)
        ++times[static_cast<std::size_t>(label)];
    for (const int each : times)
        CHECK(each == 1000);
}
