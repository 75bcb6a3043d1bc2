// SPDX-License-Identifier: BSD-3-Clause
#include <xgrad/data/cifar.hpp>
#include <xgrad/data/npy.hpp>
#include <xgrad/io/npy_header.hpp>

#include <catch2/catch.hpp>

#include <fstream>

#include <unistd.h>

namespace
{
    using namespace xgrad::data;
    using Catch::Contains;

    struct scratch_folder
    {
        std::filesystem::path path;
        scratch_folder()
        {
            std::string pattern = (std::filesystem::temp_directory_path() / "xgrad-test-XXXXXX").string();
            path = ::mkdtemp(pattern.data());
        }
        ~scratch_folder() { std::filesystem::remove_all(path); }

        std::filesystem::path file(const std::string& name, std::string_view content) const
        {
            std::ofstream{path / name, std::ios::binary} << content;
            return path / name;
        }

        template <class T>
        std::filesystem::path npy(const std::string& name, const std::vector<T>& values, std::vector<std::int64_t> shape) const
        {
            const std::string numbers{reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
            return file(name, xgrad::io::npy_header_text(xgrad::io::element_of<T>(), shape, "") + numbers);
        }
    };

    // Records of CIFAR: labels, then pixels that count up.
    std::string records(const std::vector<std::string>& labels)
    {
        std::string result;
        for (const std::string& label : labels)
        {
            result += label;
            for (std::size_t i = 0; i < 3072; ++i)
                result += static_cast<char>(i + static_cast<unsigned char>(label.back()));
        }
        return result;
    }
}

TEST_CASE("CIFAR's binary files are read, several as one", "[data]")
{
    const scratch_folder folder;
    for (const char number : std::string_view{"12345"})
        folder.file(std::string{"data_batch_"} + number + ".bin",
                    records({std::string(1, static_cast<char>(number - '0')), "\x9"}));
    folder.file("test_batch.bin", records({"\x3"}));
    const auto train = cifar10(split::train, folder.path);
    CHECK(train.images.shape() == std::array<std::size_t, 4>{10, 3, 32, 32});
    CHECK((train.labels == xt::xtensor<std::int32_t, 1>{1, 9, 2, 9, 3, 9, 4, 9, 5, 9}));
    CHECK(train.images(4, 1, 0, 2) == static_cast<std::uint8_t>(1024 + 2 + 3));
    CHECK(train.classes[9] == "truck");
    CHECK(cifar10(split::test, folder.path).size() == 1);

    folder.file("test.bin", records({std::string{"\x4\x1"}}));
    CHECK_THROWS_WITH(cifar100(split::test, folder.path), Contains("fine_label_names.txt: there are no names"));
    folder.file("fine_label_names.txt", "apple\nbear\n\n");
    const auto fine = cifar100(split::test, folder.path);
    CHECK(fine.labels(0) == 1);
    CHECK(fine.images(0, 0, 0, 0) == 1);
    CHECK(fine.classes == std::vector<std::string>{"apple", "bear"});

    CHECK_THROWS_WITH(cifar100(split::train, folder.path), Contains("train.bin: cannot be opened"));
    folder.file("train.bin", records({std::string{"\x4\x2"}}));
    CHECK_THROWS_WITH(cifar100(split::train, folder.path),
                      Contains("train.bin: the label of record 0 is 2, but there are 2 classes"));
    folder.file("train.bin", records({std::string{"\x4\x1"}}) + "x");
    CHECK_THROWS_WITH(cifar100(split::train, folder.path),
                      Contains("train.bin: must hold whole records of 3074 bytes, but has 3075 bytes"));
    folder.file("train.bin", "");
    CHECK_THROWS_WITH(cifar100(split::train, folder.path), Contains("but has 0 bytes"));
}

TEST_CASE("NumPy's arrays are a dataset", "[data]")
{
    const scratch_folder folder;
    const auto images = folder.npy<double>("x.npy", {0, 1, 2, 3, 4, 5, 6, 7}, {2, 2, 2});
    const auto labels = folder.npy<std::int64_t>("y.npy", {3, 0}, {2});
    const auto all = npy<float, 2>(images, labels);
    CHECK((all.images == xt::xtensor<float, 3>{{{0, 1}, {2, 3}}, {{4, 5}, {6, 7}}}));
    CHECK((all.labels == xt::xtensor<std::int32_t, 1>{3, 0}));
    CHECK(all.classes == std::vector<std::string>{"0", "1", "2", "3"});
    const auto bytes = folder.npy<std::uint8_t>("b.npy", {1, 2}, {2, 1});
    CHECK(npy<std::uint8_t, 1>(bytes, folder.npy<std::uint8_t>("c.npy", {1, 0}, {2}), {"a", "b"}).images(1, 0) == 2);
    CHECK_THROWS_WITH((npy<float, 1>(bytes, labels)), Contains("b.npy: holds U8, but a floating point type is wanted"));
    CHECK_THROWS_WITH((npy<float, 1>(images, labels)), Contains("x.npy: must have 2 dimensions, but has 3"));
    CHECK_THROWS_WITH((npy<float, 2>(images, folder.npy<std::int64_t>("z.npy", {3, 0, 1}, {3}))),
                      Contains("z.npy: must have the shape [2], but has [3]"));
    CHECK_THROWS_WITH((npy<float, 2>(images, labels, {"a", "b"})), Contains("y.npy: label 0 is 3, but must be from 0 to 1"));
    CHECK_THROWS_WITH((npy<float, 2>(images, folder.npy<float>("f.npy", {3, 0}, {2}))), Contains("f.npy: holds F32"));
}
